import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { enginePlatform } from "../../engine/build.ts";
import { inspectImage, loadImages } from "../../engine/images.ts";
import { badCompression, imageNotInArchive, notOneImage, unreadable } from "../../errors.ts";
import { decompressed } from "../../streams/decompress.ts";
import type { BuildContext } from "./build-source.ts";

/** What `docker save` has written, compressed or not. */
export interface ImageArchive {
  /** Its name as people know it. */
  readonly name: string;
  /** Absolute, or what it comes from. */
  readonly from: string | Readable;
}

export interface LoadedImage {
  readonly imageId: string;
  /** How the archive calls it; its id where it has no name. */
  readonly name: string;
}

/** In bytes. */
const BLOCK = 1024 * 1024;

/**
 * Brings an image to the engine.
 * @param wanted which of several; without it there must be one, under whatever names.
 * @throws OneoffError `load-failed` for what is none or is cut, `not-one-image`.
 */
export async function loadArchive(
  { engine, report, signal }: BuildContext,
  { name, from }: ImageArchive,
  wanted?: string,
): Promise<LoadedImage> {
  // Settles the version of the API: what comes from a pipe cannot be sent again.
  await enginePlatform(engine);
  await using opened =
    typeof from === "string"
      ? await openFile(from)
      : { total: undefined, stream: from, async [Symbol.asyncDispose]() {} };
  const { stream, total } = opened;
  let done = 0;
  const progress = { type: "progress", what: "load", total } as const;
  const counted = async function* () {
    for await (const chunk of stream) {
      done += chunk.length;
      report({ ...progress, done });
      yield chunk as Buffer;
    }
  };
  let names: string[];
  try {
    const garbled = (problem: string) => badCompression(name, problem);
    names = await loadImages(engine, () => decompressed(counted(), engine.dialect.cannotLoad, garbled), signal);
  } finally {
    report({ ...progress, done, over: true });
  }
  return await chooseImage(engine, name, names, wanted);
}

async function openFile(path: string) {
  try {
    const file = await open(path);
    const stats = await file.stat();
    if (stats.isDirectory()) {
      await file.close();
      throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
    }
    return {
      stream: file.createReadStream({ highWaterMark: BLOCK, autoClose: false }),
      total: stats.isFile() ? stats.size : undefined,
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    throw unreadable("--archive", path, error);
  }
}

async function chooseImage(
  engine: BuildContext["engine"],
  archive: string,
  names: readonly string[],
  wanted: string | undefined,
): Promise<LoadedImage> {
  const ids = await Promise.all(names.map(async (name) => (await inspectImage(engine, name)).Id));
  const found = names.map((name, index) => ({ name, imageId: ids[index] ?? "" }));
  const chosen = wanted === undefined ? found : found.filter((one) => one.name === wanted || one.imageId === wanted);
  if (wanted !== undefined && chosen.length === 0) throw imageNotInArchive(archive, wanted, names);
  const [first] = chosen;
  if (!first || new Set(chosen.map(({ imageId }) => imageId)).size > 1) throw notOneImage(archive, names);
  return first;
}
