import { join, posix, resolve } from "node:path";
import type { Upload } from "../../app/transfer.ts";
import { type PathStat, statContainerPath } from "../../engine/archive.ts";
import type { Transport } from "../../engine/transport.ts";
import { targetInOneoff, unreadable } from "../../errors.ts";
import { writablePath } from "./container-path.ts";
import { isDirectory } from "./local-path.ts";
import { readFolder } from "./local-tree.ts";

/**
 * What a copy into a container that is there comes to: into a folder that it has, otherwise under the path's own name.
 * `FOLDER/.` is what is in the folder.
 * @throws OneoffError when there is no folder for it, or, without `force`, something in its place.
 */
export async function copyIn(
  engine: Transport,
  { id, name }: { readonly id: string; readonly name: string },
  source: string,
  path: string,
  { cwd, force }: { readonly cwd: string; readonly force: boolean },
): Promise<Upload[]> {
  const end = await writablePath(engine, { id, name }, path, isDirectory(resolve(cwd, source)));
  const uploads = end.stat ? uploadsOver(end.stat, source, end.path, cwd) : [{ source, target: end.path }];
  for (const { target } of force || !end.stat ? [] : uploads) {
    if (await statContainerPath(engine, id, target)) throw targetInOneoff(name, target);
  }
  return uploads;
}

function uploadsOver({ kind }: PathStat, source: string, path: string, cwd: string): Upload[] {
  if (kind !== "directory") return [{ source, target: path }];
  if (!source.endsWith("/.")) return [{ source, target: posix.join(path, posix.basename(resolve(cwd, source))) }];
  try {
    const inside = readFolder(resolve(cwd, source));
    return inside.map((one) => ({ source: join(source, one), target: posix.join(path, one) }));
  } catch (error) {
    throw unreadable("Cannot read", source, error);
  }
}
