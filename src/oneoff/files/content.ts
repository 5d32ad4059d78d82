import { constants, fstatSync, read as readCallback } from "node:fs";
import { open } from "node:fs/promises";
import { promisify } from "node:util";
import { fileChanged, unreadable } from "../../errors/files.ts";
import { fsPath } from "../../streams/path-bytes.ts";

/** The source of a file's bytes; `path` and `fd` are local. */
export type Content = { readonly path: string } | { readonly fd: number } | { readonly bytes: Buffer };

interface ByteReader extends AsyncDisposable {
  /** @returns the number of bytes read; 0 at EOF */
  read(memory: Buffer, at: number): Promise<number>;
}

const readFd = promisify(readCallback);

/**
 * Opens a file of `size` bytes. Call `end` after the last read to check that the file has not grown.
 * @throws OneoffError if the file has changed since the scan; `read` and `end` throw it, too
 */
export async function openContent(content: Content, size: number) {
  const opened = await openBytes(content, size);
  const changedError = () => fileChanged("path" in content ? content.path : "stdin");
  let at = 0;
  return {
    async read(memory: Buffer): Promise<number> {
      const length = await opened.read(memory, at);
      if (length === 0) throw changedError();
      at += length;
      return length;
    },
    async end(): Promise<void> {
      if ((await opened.read(Buffer.alloc(1), at)) > 0) throw changedError();
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
  const readError = (error: unknown) => unreadable("Cannot read", path, error);
  // O_NONBLOCK, because the file may have been replaced by a pipe.
  const file = await open(fsPath(path), constants.O_RDONLY | constants.O_NONBLOCK).catch((error) =>
    Promise.reject(readError(error)),
  );
  const stats = fstatSync(file.fd);
  if (!stats.isFile() || stats.size !== size) {
    await file.close();
    throw fileChanged(path);
  }
  return {
    read: async (memory, at) =>
      (await file.read(memory, 0, memory.length, at).catch((error) => Promise.reject(readError(error)))).bytesRead,
    [Symbol.asyncDispose]: () => file.close(),
  };
}
