import { isRefusal } from "../errors/engine.ts";
import type { ImageDetails } from "./image-types.ts";
import { isImageConflict } from "./refusal.ts";
import { retry } from "./retry.ts";
import type { Transport } from "./transport.ts";

/** `POST /images/{id}/tag`: moves `reference` to the image. */
export async function tagImage(engine: Transport, image: string, reference: string): Promise<void> {
  const [repo, tag] = partsOf(reference);
  await (await engine.send({ method: "POST", path: `/images/${image}/tag`, query: { repo, tag } })).drop();
}

/**
 * `DELETE /images/{name}`: the tag, and the image with its last one.
 * @returns false if a container or another image uses it; true for an absent image.
 */
export async function removeImage(engine: Transport, image: string): Promise<boolean> {
  try {
    await (await engine.send({ method: "DELETE", path: `/images/${image}` })).drop();
    return true;
  } catch (error) {
    if (isRefusal(error, 404)) return true;
    if (isRefusal(error, 409)) return false;
    throw error;
  }
}

/**
 * `POST /commit`: creates an image from a container's image, its changes and this `Config`. Variables and labels that
 * are absent there are copied from the container one by one.
 * @param reference the tag, which moves to the new image.
 */
export async function commitContainer(
  engine: Transport,
  container: string,
  body: NonNullable<ImageDetails["Config"]>,
  reference: string,
): Promise<void> {
  const [repo, tag] = partsOf(reference);
  const query = { container, repo, tag, pause: 0 };
  await (await engine.send({ method: "POST", path: "/commit", query, body })).drop();
}

/** `POST /images/create?fromSrc=-`: imports an archive as an image. @param changes Dockerfile instructions. */
export async function importImage(
  engine: Transport,
  name: string,
  stream: () => AsyncIterable<Uint8Array>,
  changes?: string,
): Promise<void> {
  // The reference includes the tag: Podman 4.3 ignores a separate one.
  const query = { fromSrc: "-", repo: name, changes };
  // With the containerd image store, an engine removes a name before it moves it to another image.
  await retry({ maxAttempts: 5, isTemporary: isImageConflict }, async () =>
    (await engine.send({ method: "POST", path: "/images/create", query, stream, isOpenEnded: true })).drop(),
  );
}

/** Imports an empty archive. */
export const importNothing = (engine: Transport, name: string, changes?: string): Promise<void> =>
  importImage(
    engine,
    name,
    async function* () {
      // An empty archive: two blocks of zeros.
      yield Buffer.alloc(1024);
    },
    changes,
  );

/** Splits a reference with a tag. */
const partsOf = (reference: string): [repo: string, tag: string] => {
  const colon = reference.lastIndexOf(":");
  return [reference.slice(0, colon), reference.slice(colon + 1)];
};
