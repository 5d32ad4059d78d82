import { posix, resolve } from "node:path";
import { isContents, type Upload } from "../../app/transfer.ts";
import { statContainerPath } from "../../engine/archive.ts";
import type { Transport } from "../../engine/transport.ts";
import { targetInOneoff, unreadable } from "../../errors/files.ts";
import { writablePath } from "./container-path.ts";
import { isDirectory } from "./local-path.ts";
import { readFolder } from "./local-tree.ts";

/**
 * What a copy into a container that is there comes to: into a folder that it has, otherwise under the path's own name.
 * `FOLDER/.` is what is in the folder.
 * @throws OneoffError when there is no folder for it, or, without `force`, something in its place.
 */
export async function planCopyIn(
  engine: Transport,
  { id, name }: { readonly id: string; readonly name: string },
  source: string,
  path: string,
  { cwd, force }: { readonly cwd: string; readonly force: boolean },
): Promise<Upload> {
  const end = await writablePath(engine, { id, name }, path, isDirectory(resolve(cwd, source)));
  const isInto = end.stat?.kind === "directory";
  const keepsFolder = isInto && isContents(source);
  const target = isInto && !keepsFolder ? posix.join(end.path, posix.basename(resolve(cwd, source))) : end.path;
  const targets = keepsFolder ? contentsOf(source, cwd).map((one) => posix.join(target, one)) : [target];
  for (const one of force || !end.stat ? [] : targets) {
    if (await statContainerPath(engine, id, one)) throw targetInOneoff(name, one);
  }
  return { source, target, ...(keepsFolder && { keepsFolder }) };
}

function contentsOf(source: string, cwd: string): string[] {
  try {
    return readFolder(resolve(cwd, source));
  } catch (error) {
    throw unreadable("Cannot read", source, error);
  }
}
