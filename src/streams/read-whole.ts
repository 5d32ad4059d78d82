import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { errno } from "../errors/io.ts";
import { fsPath } from "./path-bytes.ts";

/** More than any settings file has; a larger one is not read. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Read first of what has no size, such as a pipe or a file of /proc. */
const CHUNK_BYTES = 64 * 1024;

export interface ReadLimits {
  readonly maxBytes?: number | undefined;
  /** Also reads pipes, terminals and devices to their end: for paths on the command line, e.g. `<(command)`. */
  readonly allowPipe?: boolean | undefined;
  /** Refuses a symlink. */
  readonly noFollow?: boolean | undefined;
}

/**
 * Reads a whole file, and the only way to do so. A FIFO is not waited for, and the size is known before the first byte is
 * read: whoever can write to a folder must not be able to hang oneoff or to fill its memory.
 * @throws NodeJS.ErrnoException `EFTYPE` for what is not a regular file, `EFBIG` for more than `maxBytes`.
 */
export function readWhole(path: string | Buffer, limits: ReadLimits = {}): Buffer {
  const { maxBytes = MAX_BYTES, allowPipe = false, noFollow = false } = limits;
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  // Windows has neither flag.
  const exact = typeof path === "string" ? fsPath(path) : path;
  const fd = openSync(exact, O_RDONLY | (allowPipe ? 0 : (O_NONBLOCK ?? 0)) | (noFollow ? (O_NOFOLLOW ?? 0) : 0));
  try {
    const stats = fstatSync(fd);
    if (stats.isDirectory()) throw errno.isFolder();
    if (!stats.isFile() && !allowPipe) throw errno.notRegular();
    if (stats.size > maxBytes) throw errno.tooLarge(maxBytes);
    return readToEnd(fd, stats.size, maxBytes);
  } finally {
    closeSync(fd);
  }
}

function readToEnd(fd: number, size: number, maxBytes: number): Buffer {
  // One byte more than it had: a file of that size then takes one allocation, and one that has grown is noticed.
  let memory = Buffer.allocUnsafe(size > 0 ? size + 1 : Math.min(CHUNK_BYTES, maxBytes + 1));
  let length = 0;
  for (;;) {
    const count = readSync(fd, memory, length, memory.length - length, null);
    if (count === 0) return memory.subarray(0, length);
    length += count;
    if (length > maxBytes) throw errno.tooLarge(maxBytes);
    if (length < memory.length) continue;
    const larger = Buffer.allocUnsafe(Math.min(2 * memory.length, maxBytes + 1));
    memory.copy(larger, 0, 0, length);
    memory = larger;
  }
}
