import { isRefusal } from "../errors/engine.ts";
import { again } from "./again.ts";
import type { ImageDetails } from "./image-types.ts";
import { isCrossed } from "./refusal.ts";
import type { Transport } from "./transport.ts";

/** `POST /images/{id}/tag`: from now on `reference` means that image, whatever it meant. */
export async function tagImage(engine: Transport, image: string, reference: string): Promise<void> {
  const [repo, tag] = partsOf(reference);
  await (await engine.send({ method: "POST", path: `/images/${image}/tag`, query: { repo, tag } })).drop();
}

/**
 * `DELETE /images/{name}`: the tag, and the image with its last one.
 * @returns false for one that a container uses, or another image is made of. One that is not there has gone.
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
 * `POST /commit`: an image of a container's image, what the container has changed, and this `Config`. What the latter lets
 * be, the container's own fills: variables and labels one by one.
 * @param reference moves to it.
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

/** `POST /images/create?fromSrc=-`: an image of what is in an archive. @param changes as in a Dockerfile. */
export async function importImage(
  engine: Transport,
  name: string,
  stream: () => AsyncIterable<Uint8Array>,
  changes?: string,
): Promise<void> {
  // With its tag: Podman 4.3 heeds none that is apart from it.
  const query = { fromSrc: "-", repo: name, changes };
  // With images in containerd, an engine takes a name away before it gives it to another image.
  await again({ times: 5, passes: isCrossed }, async () =>
    (await engine.send({ method: "POST", path: "/images/create", query, stream, isOpenEnded: true })).drop(),
  );
}

/** The same, of no files. */
export const importNothing = (engine: Transport, name: string, changes?: string): Promise<void> =>
  importImage(
    engine,
    name,
    async function* () {
      // An archive of no files: two blocks of zeros.
      yield Buffer.alloc(1024);
    },
    changes,
  );

/** Of a reference that has a tag. */
const partsOf = (reference: string): [repo: string, tag: string] => {
  const colon = reference.lastIndexOf(":");
  return [reference.slice(0, colon), reference.slice(colon + 1)];
};
