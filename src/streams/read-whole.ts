import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { errno } from "../errors/io.ts";
import { fsPath } from "./path-bytes.ts";

/** Default limit in bytes, larger than any settings file. */
const MAX_BYTES = 16 * 1024 * 1024;

/** First read in bytes of files without a size, such as pipes and files of /proc. */
const CHUNK_BYTES = 64 * 1024;

export interface ReadLimits {
  readonly maxBytes?: number | undefined;
  /** Also reads pipes, terminals and devices to their end: for paths on the command line, e.g. `<(command)`. */
  readonly allowPipe?: boolean | undefined;
  /** Refuses a symlink. */
  readonly noFollow?: boolean | undefined;
}

/**
 * Reads a whole file; nothing else in src does. It does not wait for a FIFO, and checks the size before the first
 * read: a user who can write to a folder must not be able to block oneoff or to exhaust its memory.
 * @throws NodeJS.ErrnoException `EFTYPE` for anything but a regular file, `EFBIG` above `maxBytes`.
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
  // One byte more than the size: one allocation is enough, and a file that has grown is detected.
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
