import { removeImage } from "../../engine/image-tags.ts";
import { listImages } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { listSwarmReleases, type RecordedSwarmRelease } from "../../release/swarm-releases.ts";
import { pushedTag, swarmTag } from "../../release/tags.ts";
import type { Publication } from "./publication.ts";

/** A release, or a deploy that has not recorded one. */
export type PushedRelease = Pick<RecordedSwarmRelease, "number" | "pushedAs">;

/**
 * Removes the names of images whose release is not recorded: of old releases, and of deploys that failed or were killed.
 * An image that a container uses stays until the next deploy.
 * @param engines of this node, and of nodes that images were loaded on. @param earlier images that may have been pushed.
 */
export async function removeOldImages(
  [own, ...others]: readonly [Transport, ...Transport[]],
  app: string,
  earlier: readonly PushedRelease[],
): Promise<void> {
  const recorded = new Set((await listSwarmReleases(own, app)).map(({ number }) => number));
  const pushed = earlier.flatMap(({ number, pushedAs }) => (recorded.has(number) ? [] : (pushedAs ?? [])));
  const remove = async (engine: Transport, more: readonly string[]) => {
    for (const tag of [...more, ...(await loadedNames(engine, app, recorded))]) await removeImage(engine, tag);
  };
  await Promise.all([remove(own, pushed), ...others.map((engine) => remove(engine, []))]);
}

/** The names of images that were loaded for releases. @param kept numbers of releases to leave out. */
export async function loadedNames(
  engine: Transport,
  app: string,
  kept: ReadonlySet<number> = new Set(),
): Promise<string[]> {
  const images = await listImages(engine, swarmTag(app, "*"));
  return images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => isOld(tag, kept));
}

function isOld(tag: string, kept: ReadonlySet<number>): boolean {
  const number = /:swarm-v([1-9]\d*)$/.exec(tag)?.[1];
  return number !== undefined && !kept.has(Number(number));
}

/** The name to push the image of a release by; undefined if the image is not pushed, or has a name of its own. */
export const pushName = (publication: Publication, number: number): string | undefined =>
  publication.by === "push" && publication.tag === undefined ? pushedTag(publication.repository, number) : undefined;

/** Engines of this node, and of nodes that images are loaded on. */
export const enginesOf = (engine: Transport, publication: Publication): [Transport, ...Transport[]] => [
  engine,
  ...(publication.by === "load" ? publication.nodes.map((node) => node.engine) : []),
];
