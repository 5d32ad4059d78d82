import { Buffer } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "../oneoff/files/make-folder.ts";

/** Size in bytes at which a new file is started. */
const LARGE = 1024 * 1024;

/** Maximum number of last bytes that are read, more than the writers put into a file. */
const MAX_READ_BYTES = 2 * LARGE;

export const isLarge = (file: string) => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) >= LARGE;

/** Appends in a single write, so that concurrent writers do not mix lines. */
export function appendLine(file: string, line: string): void {
  const write = () => writeFileSync(file, `${line}\n`, { flag: "a", mode: 0o600 });
  try {
    write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    makeFolder(dirname(file));
    write();
  }
}

/**
 * The complete lines since the last read of a file; none for an unreadable file.
 * @param read the position in each file, in bytes.
 */
export function newLines(file: string, read: Map<string, number>): string[] {
  try {
    const fd = openSync(file, "r");
    try {
      const { size } = fstatSync(fd);
      const from = read.get(file) ?? 0;
      // The file may have been truncated.
      const start = Math.max(from > size ? 0 : from, size - MAX_READ_BYTES);
      const bytes = Buffer.allocUnsafe(size - start);
      const length = readSync(fd, bytes, 0, bytes.length, start);
      const end = bytes.subarray(0, length).lastIndexOf(10) + 1;
      read.set(file, start + end);
      return bytes.toString("utf8", 0, end).split("\n").slice(0, -1);
    } finally {
      closeSync(fd);
    }
  } catch {
    // Removed concurrently or unreadable: the journal has the other files.
    return [];
  }
}
