import { join, posix, resolve } from "node:path";
import type { Upload } from "../../app/transfer.ts";
import { type PathStat, statContainerPath } from "../../engine/archive.ts";
import type { Transport } from "../../engine/transport.ts";
import { noSuchPath, targetInOneoff, unreadable } from "../../errors.ts";
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
  const there = await statEnd(engine, id, path);
  if (!there) {
    if (path.endsWith("/")) throw noSuchPath(name, path, undefined);
    const folder = posix.dirname(path);
    if ((await statEnd(engine, id, folder))?.kind !== "directory") throw noSuchPath(name, folder, undefined);
    return [{ source, target: path }];
  }
  const uploads = uploadsOver(there, source, path, cwd);
  for (const { target } of force ? [] : uploads) {
    if (await statContainerPath(engine, id, target)) throw targetInOneoff(name, target);
  }
  return uploads;
}

function uploadsOver({ kind }: PathStat, source: string, path: string, cwd: string): Upload[] {
  const whole = posix.resolve(path);
  if (kind !== "directory") return [{ source, target: whole }];
  if (!source.endsWith("/.")) return [{ source, target: posix.join(whole, posix.basename(resolve(cwd, source))) }];
  try {
    const inside = readFolder(resolve(cwd, source));
    return inside.map((one) => ({ source: join(source, one), target: posix.join(whole, one) }));
  } catch (error) {
    throw unreadable("Cannot read", source, error);
  }
}

/** Of what a symlink leads to, for one. */
async function statEnd(engine: Transport, id: string, path: string): Promise<PathStat | undefined> {
  const stat = await statContainerPath(engine, id, path);
  return stat?.kind === "symlink" ? statContainerPath(engine, id, stat.linkTarget) : stat;
}
