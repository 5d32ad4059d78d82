import { posix, resolve } from "node:path";
import { isContents, type Upload } from "../../app/transfer.ts";
import { statContainerPath } from "../../engine/archive.ts";
import type { Transport } from "../../engine/transport.ts";
import { targetInOneoff, unreadable } from "../../errors/files.ts";
import { writablePath } from "./container-path.ts";
import { isDirectory } from "./local-path.ts";
import { readFolder } from "./local-tree.ts";

/**
 * Plans a copy into an existing container: into an existing folder, otherwise under the name of the path.
 * `FOLDER/.` copies the content of the folder.
 * @throws OneoffError for a missing parent folder, or, without `force`, for an existing target
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
