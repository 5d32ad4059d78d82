import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fsPath } from "../../streams/path-bytes.ts";

/**
 * Makes a folder, and those above it; for their owner alone, unless `mode` lets others in. Not by Node's own `recursive`:
 * that never returns where the kernel says of a folder in one that is there that there is none, as in /proc, and where homes
 * are mounted on demand.
 * @throws NodeJS.ErrnoException
 */
export function makeFolder(path: string, mode = 0o700): void {
  if (tryMakeFolder(path, mode)) return;
  if (dirname(path) !== path) makeFolder(dirname(path), mode);
  mkdirSync(fsPath(path), { mode });
}

/** @returns false where one above it is not there. */
function tryMakeFolder(path: string, mode: number): boolean {
  try {
    mkdirSync(fsPath(path), { mode });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Of what is there and is no folder, whoever puts something in it will hear.
    if (code === "EEXIST") return true;
    if (code === "ENOENT") return false;
    throw error;
  }
}
