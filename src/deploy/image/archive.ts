import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { enginePlatform } from "../../engine/build.ts";
import { idOfImage, loadImages } from "../../engine/images.ts";
import { loadFailed } from "../../errors/engine.ts";
import { OneoffError } from "../../errors/error.ts";
import { unreadable } from "../../errors/files.ts";
import { badCompression, badImageArchive, notOneImage } from "../../errors/image.ts";
import { errno } from "../../errors/io.ts";
import { decompressed } from "../../streams/decompress.ts";
import { fsPath } from "../../streams/path-bytes.ts";
import { rewriteTar } from "../../streams/rewrite-tar.ts";
import { isIndexFile, singleImageIndex } from "./archive-manifest.ts";
import type { BuildContext } from "./build-source.ts";

/** An archive from `docker save`, which may be compressed. */
export interface ImageArchive {
  /** The name for messages. */
  readonly name: string;
  /** An absolute path, or a stream. */
  readonly from: string | Readable;
}

const BLOCK_BYTES = 1024 * 1024;

/** The index files are held in memory. */
const MAX_INDEX_BYTES = 16 * 1024 * 1024;

/**
 * Loads an image under one tag, so that no other tag of the engine moves.
 * @param selector a name or an ID; required if the archive has several images.
 * @returns the ID of the image.
 * @throws OneoffError `load-failed` for an invalid or truncated archive, `not-one-image`.
 */
export async function loadArchive(
  { engine, report, signal }: BuildContext,
  { name, from }: ImageArchive,
  tag: string,
  selector?: string,
): Promise<string> {
  // Negotiates the API version first, because a request with a stream cannot be repeated.
  await enginePlatform(engine);
  await using input =
    typeof from === "string"
      ? await openFile(from)
      : { total: undefined, stream: from, async [Symbol.asyncDispose]() {} };
  const { stream, total } = input;
  let done = 0;
  const progress = { type: "progress", operation: "load", total } as const;
  const counted = async function* () {
    for await (const chunk of stream) {
      done += chunk.length;
      report({ ...progress, current: done });
      yield chunk as Buffer;
    }
  };
  try {
    await loadImages(engine, () => rewriteArchive(counted(), name, tag, selector), signal);
  } finally {
    report({ ...progress, current: done, finished: true });
  }
  const imageId = await idOfImage(engine, tag);
  if (imageId === undefined) throw notOneImage(name, []);
  return imageId;
}

async function* rewriteArchive(
  archive: AsyncIterable<Buffer>,
  name: string,
  tag: string,
  selector: string | undefined,
): AsyncGenerator<Uint8Array> {
  const plain = Readable.from(decompressed(archive, (problem) => badCompression(name, problem)));
  const isIndex = (path: string, size: number) => {
    if (!isIndexFile(path)) return false;
    if (size > MAX_INDEX_BYTES) throw badImageArchive(name, path);
    return true;
  };
  try {
    yield* rewriteTar(plain, isIndex, (files) => singleImageIndex(name, files, tag, selector));
  } catch (error) {
    throw error instanceof OneoffError ? error : loadFailed((error as Error).message);
  }
}

async function openFile(path: string) {
  try {
    const file = await open(fsPath(path));
    const stats = await file.stat();
    // `<(command)` is a pipe; a device may be endless.
    if (!stats.isFile() && !stats.isFIFO()) {
      await file.close();
      throw stats.isDirectory() ? errno.isFolder() : errno.notRegular();
    }
    return {
      stream: file.createReadStream({ highWaterMark: BLOCK_BYTES, autoClose: false }),
      total: stats.isFile() ? stats.size : undefined,
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    throw unreadable("--archive", path, error);
  }
}
