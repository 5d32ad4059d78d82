import { Buffer } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "../oneoff/files/make-folder.ts";

/** From which size on a file is left as it is and another begun, in bytes. */
const LARGE = 1024 * 1024;

/** How much of a file's end is read, in bytes: more than the writers leave in one. */
const MOST_READ = 2 * LARGE;

export const isLarge = (file: string) => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) >= LARGE;

/** In one write, which the kernel puts after those of others. */
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
 * The whole lines that have come since a file was last read; none of one that cannot be read.
 * @param read how far each file was read, in bytes.
 */
export function newLines(file: string, read: Map<string, number>): string[] {
  try {
    const fd = openSync(file, "r");
    try {
      const { size } = fstatSync(fd);
      const from = read.get(file) ?? 0;
      // It may have been emptied meanwhile.
      const start = Math.max(from > size ? 0 : from, size - MOST_READ);
      const bytes = Buffer.allocUnsafe(size - start);
      const length = readSync(fd, bytes, 0, bytes.length, start);
      const end = bytes.subarray(0, length).lastIndexOf(10) + 1;
      read.set(file, start + end);
      return bytes.toString("utf8", 0, end).split("\n").slice(0, -1);
    } finally {
      closeSync(fd);
    }
  } catch {
    // Another has just removed it, or it is not ours to read: the journal is what there is.
    return [];
  }
}
