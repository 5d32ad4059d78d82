import { constants, fstatSync, read as readCallback } from "node:fs";
import { open } from "node:fs/promises";
import { promisify } from "node:util";
import { fileChanged, unreadable } from "../../errors/files.ts";
import { fsPath } from "../../streams/path-bytes.ts";

/** What a file's bytes are read from: a path of ours, a descriptor of ours, or the bytes themselves. */
export type Content = { readonly path: string } | { readonly fd: number } | { readonly bytes: Buffer };

interface ByteReader extends AsyncDisposable {
  /** @returns how many bytes are in `memory` now; 0 at the end. */
  read(memory: Buffer, at: number): Promise<number>;
}

const readFd = promisify(readCallback);

/**
 * Reads it from its beginning to its end, which is after `size` bytes.
 * @returns what brings the next bytes, and what is to be called after the last of them.
 * @throws OneoffError when it has become another since it was looked at, now or in either of them.
 */
export async function openContent(content: Content, size: number) {
  const opened = await openBytes(content, size);
  const changed = () => fileChanged("path" in content ? content.path : "stdin");
  let at = 0;
  return {
    async read(memory: Buffer): Promise<number> {
      const length = await opened.read(memory, at);
      if (length === 0) throw changed();
      at += length;
      return length;
    },
    async end(): Promise<void> {
      if ((await opened.read(Buffer.alloc(1), at)) > 0) throw changed();
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

async function openBytes(content: Content, size: number): Promise<ByteReader> {
  if ("bytes" in content) {
    return { read: async (memory, at) => content.bytes.copy(memory, 0, at), async [Symbol.asyncDispose]() {} };
  }
  if ("fd" in content) {
    const read = async (memory: Buffer, at: number) =>
      (await readFd(content.fd, memory, 0, memory.length, at)).bytesRead;
    return { read, async [Symbol.asyncDispose]() {} };
  }
  const { path } = content;
  const failed = (error: unknown) => unreadable("Cannot read", path, error);
  // What may be a pipe by now is not waited for.
  const file = await open(fsPath(path), constants.O_RDONLY | constants.O_NONBLOCK).catch((error) =>
    Promise.reject(failed(error)),
  );
  const stats = fstatSync(file.fd);
  if (!stats.isFile() || stats.size !== size) {
    await file.close();
    throw fileChanged(path);
  }
  return {
    read: async (memory, at) =>
      (await file.read(memory, 0, memory.length, at).catch((error) => Promise.reject(failed(error)))).bytesRead,
    [Symbol.asyncDispose]: () => file.close(),
  };
}
