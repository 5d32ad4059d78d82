import { lstatSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { decodePath, fsPath } from "../../streams/path-bytes.ts";
import { readLink } from "./local-tree.ts";

/** The limit of Linux. */
const MAX_LINKS = 40;

/** @returns undefined for a missing path, or a path below a file. @throws NodeJS.ErrnoException */
export function lstatPath(path: string): Stats | undefined {
  try {
    return lstatSync(fsPath(path));
  } catch (error) {
    if (/^(ENOENT|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

/** Errors count as false; the next use of the path reports them. */
export function isDirectory(path: string): boolean {
  try {
    return statSync(fsPath(path)).isDirectory();
  } catch {
    return false;
  }
}

/** Resolves symlinks, also dangling ones. @throws Error for a loop */
export function followLinks(path: string): string {
  let end = path;
  for (let links = 0; lstatPath(end)?.isSymbolicLink(); links += 1) {
    if (links === MAX_LINKS) throw new Error("a symlink points to itself");
    end = resolve(decodePath(realpathSync.native(fsPath(dirname(end)), "buffer")), readLink(end));
  }
  return end;
}
