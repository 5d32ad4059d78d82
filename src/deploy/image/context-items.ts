import { fileChanged, unreadable } from "../../errors/files.ts";
import { openContent } from "../../oneoff/files/content.ts";
import type { LocalFile } from "../../oneoff/files/local-tree.ts";
import type { TarItem } from "../../streams/pack-tar.ts";
import { fsPath } from "../../streams/path-bytes.ts";
import { readWhole } from "../../streams/read-whole.ts";
import type { TarHeader } from "../../streams/tar-header.ts";

/** Most files of a source tree are small; they are read at once. */
const MAX_SMALL_BYTES = 128 * 1024;

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

export async function contextItem(file: LocalFile): Promise<TarItem & AsyncDisposable> {
  const { kind, size } = file;
  const header = contextHeader(file);
  if (kind !== "file" || size === 0) return { header, async [Symbol.asyncDispose]() {} };
  if (size <= MAX_SMALL_BYTES) return bytesItem(header, readSmall(file));
  const content = await openContent({ path: file.path }, size);
  return {
    header,
    read: (memory) => content.read(memory),
    [Symbol.asyncDispose]: () => content[Symbol.asyncDispose](),
  };
}

/** A file that does not exist in the folder. */
export const textItem = (name: string, bytes: Buffer): TarItem & AsyncDisposable =>
  bytesItem({ name, type: "file", mode: 0o644, mtime: 0, size: bytes.length, uid: 0, gid: 0 }, bytes);

function bytesItem(header: TarHeader, bytes: Buffer): TarItem & AsyncDisposable {
  let at = 0;
  return {
    header,
    async read(memory) {
      const length = bytes.copy(memory, 0, at);
      at += length;
      return length;
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** Fails if the file was meanwhile replaced by a pipe or symlink. */
function readSmall({ path, size }: LocalFile): Buffer {
  let bytes: Buffer;
  try {
    bytes = readWhole(fsPath(path), { noFollow: true });
  } catch (error) {
    throw unreadable("Cannot read", path, error);
  }
  if (bytes.length !== size) throw fileChanged(path);
  return bytes;
}
