import { lstatSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { decodePath, fsPath } from "../../streams/path-bytes.ts";
import { readLink } from "./local-tree.ts";

/** As many as Linux follows. */
const MAX_LINKS = 40;

/** @returns undefined when nothing is there, also because a file is above it. @throws NodeJS.ErrnoException */
export function lstatPath(path: string): Stats | undefined {
  try {
    return lstatSync(fsPath(path));
  } catch (error) {
    if (/^(ENOENT|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

/** Whether a folder can be reached there; whoever uses the path reads why not. */
export function isDirectory(path: string): boolean {
  try {
    return statSync(fsPath(path)).isDirectory();
  } catch {
    return false;
  }
}

/** Where a symlink leads in the end, also one to nothing. @throws Error for links that lead to themselves. */
export function followLinks(path: string): string {
  let end = path;
  for (let links = 0; lstatPath(end)?.isSymbolicLink(); links += 1) {
    if (links === MAX_LINKS) throw new Error("a symlink points to itself");
    end = resolve(decodePath(realpathSync.native(fsPath(dirname(end)), "buffer")), readLink(end));
  }
  return end;
}
