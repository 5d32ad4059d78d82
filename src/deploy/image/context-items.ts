import { closeSync, constants, openSync, readSync } from "node:fs";
import { fileChanged, unreadable } from "../../errors/files.ts";
import { openContent } from "../../oneoff/files/content.ts";
import type { LocalFile } from "../../oneoff/files/local-tree.ts";
import { bytesItem } from "../../streams/bytes-item.ts";
import type { TarItem } from "../../streams/pack-tar.ts";
import { fsPath } from "../../streams/path-bytes.ts";
import type { TarHeader } from "../../streams/tar-header.ts";

/** Most files of a source tree are small; they are read at once. */
const MAX_SMALL_BYTES = 128 * 1024;

export const SCRATCH_BYTES = MAX_SMALL_BYTES + 1;

/** All files belong to root, because local users do not exist in the image. */
export const contextHeader = ({ kind, name, mode, mtime, size, linkTarget }: LocalFile): TarHeader => ({
  name,
  type: kind,
  mode,
  mtime,
  size,
  uid: 0,
  gid: 0,
  ...(linkTarget !== undefined && { linkname: linkTarget }),
});

/**
 * @param scratch receives the content of a small file, of at least `SCRATCH_BYTES`. Items that are read one after
 * another share it.
 */
export function contextItem(file: LocalFile, scratch?: Buffer): TarItem {
  const { kind, path, size } = file;
  const header = contextHeader(file);
  if (kind !== "file" || size === 0) return { header };
  if (size <= MAX_SMALL_BYTES) return bytesItem(header, () => readSmall(file, scratch ?? Buffer.allocUnsafe(size + 1)));
  let content: ReturnType<typeof openContent> | undefined;
  return {
    header,
    async read(memory) {
      content ??= openContent({ path }, size);
      return (await content).read(memory);
    },
    async close() {
      // A file that cannot be opened has failed in `read`.
      await (await content?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}

/** A file that does not exist in the folder. */
export const textItem = (name: string, bytes: Buffer): TarItem =>
  bytesItem({ name, type: "file", mode: 0o644, mtime: 0, size: bytes.length, uid: 0, gid: 0 }, () => bytes);

/**
 * Reads a file of known size with few calls. A file that was meanwhile replaced by a symlink or pipe fails too: the
 * symlink cannot be opened, and the pipe has another size.
 */
function readSmall({ path, size }: LocalFile, memory: Buffer): Buffer {
  let length = 0;
  try {
    const fd = openSync(fsPath(path), O_RDONLY | (O_NONBLOCK ?? 0) | (O_NOFOLLOW ?? 0));
    try {
      // One byte more than the size, to detect a file that has grown.
      for (let count = 1; count > 0 && length < size; length += count) {
        count = readSync(fd, memory, length, size + 1 - length, null);
      }
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw unreadable("Cannot read", path, error);
  }
  if (length !== size) throw fileChanged(path);
  return memory.subarray(0, size);
}

// Windows lacks two of them.
const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
