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

/** What `docker save` has written, compressed or not. */
export interface ImageArchive {
  /** Its name as people know it. */
  readonly name: string;
  /** Absolute, or what it comes from. */
  readonly from: string | Readable;
}

/** In bytes. */
const BLOCK_BYTES = 1024 * 1024;

/** In bytes: more than the index files of an archive have, and little enough to hold in memory. */
const MAX_INDEX_BYTES = 16 * 1024 * 1024;

/**
 * Brings an image to the engine under one tag, whatever names the archive has for it: until it is live, no other tag moves.
 * @param wanted which of several; without it there must be one, under whatever names.
 * @returns the image's id.
 * @throws OneoffError `load-failed` for what is none or is cut, `not-one-image`.
 */
export async function loadArchive(
  { engine, report, signal }: BuildContext,
  { name, from }: ImageArchive,
  tag: string,
  wanted?: string,
): Promise<string> {
  // Settles the version of the API: what comes from a pipe cannot be sent again.
  await enginePlatform(engine);
  await using opened =
    typeof from === "string"
      ? await openFile(from)
      : { total: undefined, stream: from, async [Symbol.asyncDispose]() {} };
  const { stream, total } = opened;
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
    await loadImages(engine, () => rewriteArchive(counted(), name, tag, wanted), signal);
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
  wanted: string | undefined,
): AsyncGenerator<Uint8Array> {
  const plain = Readable.from(decompressed(archive, (problem) => badCompression(name, problem)));
  const isIndex = (path: string, size: number) => {
    if (!isIndexFile(path)) return false;
    if (size > MAX_INDEX_BYTES) throw badImageArchive(name, path);
    return true;
  };
  try {
    yield* rewriteTar(plain, isIndex, (own) => singleImageIndex(name, own, tag, wanted));
  } catch (error) {
    throw error instanceof OneoffError ? error : loadFailed((error as Error).message);
  }
}

async function openFile(path: string) {
  try {
    const file = await open(fsPath(path));
    const stats = await file.stat();
    // A pipe may be what `<(command)` is; a device may have no end.
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
