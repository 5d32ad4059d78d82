import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fsPath } from "../../streams/path-bytes.ts";

/**
 * Creates a folder and its parents. `recursive` of Node.js loops forever if mkdir in an existing folder fails with
 * ENOENT, e.g. in /proc or below an automounted /home.
 * @throws NodeJS.ErrnoException
 */
export function makeFolder(path: string, mode = 0o700): void {
  if (tryMakeFolder(path, mode)) return;
  if (dirname(path) !== path) makeFolder(dirname(path), mode);
  // Another process may have created it in the meantime.
  if (!tryMakeFolder(path, mode)) mkdirSync(fsPath(path), { mode });
}

/** @returns false if the parent folder does not exist */
function tryMakeFolder(path: string, mode: number): boolean {
  try {
    mkdirSync(fsPath(path), { mode });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // If the path is a file, the next write below it fails.
    if (code === "EEXIST") return true;
    if (code === "ENOENT") return false;
    throw error;
  }
}
