import { isRefusal, loadFailed } from "../errors/engine.ts";
import { OneoffError } from "../errors/error.ts";
import { jsonLines } from "../streams/lines.ts";
import { imageDetails, imageList, lineProblem } from "./answers.ts";
import { unreachable } from "./endpoint/unreachable.ts";
import { importNothing } from "./image-tags.ts";
import type { ImageDetails, ImageSummary } from "./image-types.ts";
import { shortName } from "./quirks.ts";
import { isImageListConflict } from "./refusal.ts";
import { retry } from "./retry.ts";
import { object, type Shape } from "./shapes.ts";
import type { EngineRequest, Transport } from "./transport.ts";

/** `GET /images/json` by reference patterns, with matching tags; or all images. */
export async function listImages(engine: Transport, ...references: readonly string[]): Promise<ImageSummary[]> {
  const filters = references.length > 0 ? JSON.stringify({ reference: references }) : undefined;
  const matchers = references.map(matcherOf);
  const isWanted = (tag: string) => matchers.length === 0 || matchers.some((matches) => matches(tag));
  return (await read<ImageSummary[]>(engine, "/images/json", imageList, { filters })).map((image) => ({
    ...image,
    RepoTags: (image.RepoTags ?? []).map((tag) => shortName(engine, tag)).filter(isWanted),
  }));
}

/** Podman 4 rejects the list if an image is removed concurrently. */
const read = <T>(engine: Transport, path: string, shape: Shape, query: EngineRequest["query"] = {}): Promise<T> =>
  retry({ maxAttempts: 10, isTemporary: isImageListConflict, pauseMs: 10 }, async () =>
    (await engine.send({ method: "GET", path, query })).json(shape),
  );

/** Not every engine filters the tags of an image. */
function matcherOf(reference: string): (tag: string) => boolean {
  const pattern = new RegExp(`^${reference.replaceAll(/[.+]/g, "\\$&").replaceAll("*", "[^/]*")}(:|$)`);
  return (tag) => pattern.test(tag);
}

/** `GET /images/{name}/json`. */
export async function inspectImage(engine: Transport, image: string): Promise<ImageDetails> {
  const details = await read<ImageDetails>(engine, `/images/${image}/json`, imageDetails);
  if (engine.quirks.reportsHealthcheck) return details;
  const { Healthcheck } = await read<{ Healthcheck?: object }>(engine, `/libpod/images/${details.Id}/json`, object({}));
  return { ...details, Config: { ...details.Config, ...(Healthcheck && { Healthcheck }) } };
}

/** The minimum for a container that is never started. */
const EMPTY = "oneoff-empty:latest";

/** Creates an empty image if it does not exist. @returns its name. */
export async function emptyImage(engine: Transport): Promise<string> {
  if ((await listImages(engine, EMPTY)).length === 0) await importNothing(engine, EMPTY);
  return EMPTY;
}

/** `GET /images/{name}/json`; undefined if the engine does not have the image. */
export async function findImage(engine: Transport, image: string): Promise<ImageDetails | undefined> {
  try {
    return await inspectImage(engine, image);
  } catch (error) {
    if (isRefusal(error, 404)) return undefined;
    throw error;
  }
}

/** The ID of an image; undefined if the engine does not have it. */
export const idOfImage = async (engine: Transport, image: string): Promise<string | undefined> =>
  (await findImage(engine, image))?.Id;

/** Whether the engine has an image. */
export const hasImage = async (engine: Transport, image: string): Promise<boolean> =>
  (await idOfImage(engine, image)) !== undefined;

/**
 * `POST /images/load`: loads the output of `docker save`. The engine supports gzip, bzip2 and, with its program, xz.
 * @returns names of the loaded images, or IDs of images without a name.
 */
export async function loadImages(
  engine: Transport,
  stream: () => AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<string[]> {
  const loaded: string[] = [];
  let failure: string | undefined;
  try {
    const response = await engine.send({
      ...{ method: "POST", path: "/images/load", query: { quiet: 1 } },
      ...{ stream, signal, isOpenEnded: true },
    });
    for await (const { error, stream: text = "" } of jsonLines<LoadLine>(response.stream, lineProblem)) {
      failure ??= error;
      for (const [, names = ""] of text.matchAll(/^Loaded image(?: ID)?: (\S+)$/gm)) loaded.push(...names.split(","));
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (isRefusal(error, 400, 500)) throw loadFailed(error.reason);
    throw error instanceof OneoffError ? error : unreachable(engine.endpoint, error);
  }
  // The message of engines with the containerd image store; other engines report nothing.
  if (failure && !/^unrecognized image format/.test(failure)) throw loadFailed(failure);
  return loaded.map((name) => shortName(engine, name));
}

interface LoadLine {
  readonly stream?: string;
  readonly error?: string;
}
