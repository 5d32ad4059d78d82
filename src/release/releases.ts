import { launcherLabels, launcherOfImage } from "../app/buildpacks.ts";
import { listContainers } from "../engine/containers.ts";
import { removeImage, tagImage } from "../engine/image-tags.ts";
import { inspectImage, listImages } from "../engine/images.ts";
import { engineId } from "../engine/system.ts";
import type { Transport } from "../engine/transport.ts";
import type { ContainerSummary } from "../engine/types.ts";
import { isRefusal } from "../errors/engine.ts";
import { LABEL } from "../identity/labels.ts";
import { isOwn, withoutOwnLabels } from "../identity/ownership.ts";
import { commitLabels, recastImage } from "./relabel-image.ts";
import type { Release } from "./release.ts";
import { isRelease } from "./release-image.ts";
import { type LabelledRelease, type RecordedRelease, releaseLabels, toRelease } from "./release-labels.ts";
import { previousTag, releaseImage, releaseTag, unmarkedTag } from "./tags.ts";

/** Those of an app, the newest first. A tag that was given by hand is none. */
export async function listReleases(engine: Transport, app: string): Promise<RecordedRelease[]> {
  const images = await listImages(engine, `oneoff/${app}:v*`);
  return images
    .flatMap(({ Id, RepoTags, Labels }) => {
      const release = toRelease(Labels, Id);
      return release?.app === app && RepoTags?.includes(release.image) ? [release] : [];
    })
    .sort((a, b) => b.number - a.number);
}

/** What is live: what `oneoff/<app>:latest` is. @returns undefined where there is none, or it is no release. */
export const currentRelease = (engine: Transport, app: string) => taggedRelease(engine, app, releaseImage(app));

/** The release that was live before the current one. @returns undefined where there is none. */
export const previousRelease = (engine: Transport, app: string) => taggedRelease(engine, app, previousTag(app));

async function taggedRelease(engine: Transport, app: string, tag: string): Promise<RecordedRelease | undefined> {
  try {
    const image = await inspectImage(engine, tag);
    const release = toRelease(image.Config?.Labels, image.Id);
    return release?.app === app && (await isRelease(engine, app, release.number, image)) ? release : undefined;
  } catch (error) {
    if (isRefusal(error, 404)) return undefined;
    throw error;
  }
}

/** Larger than that of any release there was, as far as its image or a container of it is still there. */
export async function nextNumber(engine: Transport, app: string): Promise<number> {
  const [releases, containers] = await Promise.all([listReleases(engine, app), containersOf(engine, app)]);
  const ran = containers
    .filter(isOwn)
    .map(({ Labels }) => Number(Labels[LABEL.release]))
    .filter(Number.isSafeInteger);
  return Math.max(0, ...releases.map(({ number }) => number), ...ran) + 1;
}

/**
 * Makes a release of an image: one with its layers and its Config, labels added, tagged `v<number>`.
 * @param imageId the image with whatever predeploy has changed; `base` is what it was before.
 * @param first a tag that it has before that.
 */
export async function recordRelease(
  engine: Transport,
  { imageId, ...facts }: LabelledRelease & { readonly imageId: string },
  first?: string,
): Promise<RecordedRelease> {
  const { app, number } = facts;
  const image = await inspectImage(engine, imageId);
  const tag = releaseTag(app, number);
  const { Cmd, Entrypoint, Labels } = image.Config ?? {};
  const labels = {
    ...withoutOwnLabels(Labels ?? {}),
    ...launcherLabels(launcherOfImage(image.Config ?? {})),
    ...releaseLabels(facts),
  };
  const recast = { config: { ...image.Config, Labels: labels }, tag: first ?? tag };
  const mayCommit = engine.dialect.commitsConfig && (Cmd?.length || Entrypoint?.length);
  const byCommit = mayCommit ? () => commitLabels(engine, app, image, recast) : undefined;
  const made = await recastImage(engine, image, recast, byCommit);
  if (first !== undefined) await tagImage(engine, made, tag);
  return { ...facts, image: tag, imageId: made };
}

/** Whether `scripts.postdeploy` has not succeeded yet in the app's life on this engine. */
export const isFirstDeploy = async (engine: Transport, current: RecordedRelease | undefined): Promise<boolean> =>
  current?.postdeployedOn === undefined || current.postdeployedOn !== (await engineId(engine));

/** Says in the release's labels that `scripts.postdeploy` has succeeded: they are another image's, which takes its tags. */
export async function markPostdeployed(engine: Transport, release: RecordedRelease): Promise<RecordedRelease> {
  const { app, number, imageId } = release;
  const current = await currentRelease(engine, app);
  await tagImage(engine, imageId, unmarkedTag(app, number));
  const marked = await recordRelease(engine, { ...release, postdeployedOn: await engineId(engine) });
  if (current?.number === number) await setLatest(engine, marked);
  await removeUnmarked(engine, app, await containersOf(engine, app));
  return marked;
}

/** From now on it is what `oneoff run` runs. Killed in between, it does the same again without losing what was live before. */
export async function setLatest(
  engine: Transport,
  { app, number, imageId }: Pick<Release, "app" | "number" | "imageId">,
): Promise<void> {
  const current = await currentRelease(engine, app);
  if (current && current.number !== number) await tagImage(engine, current.imageId, previousTag(app));
  await tagImage(engine, imageId, releaseImage(app));
}

/**
 * Removes old releases, but for the newest `keep`, the current one, the one before it, and what containers use, running or not. The newest of
 * all stays in any case: it says what number is next.
 * @returns those that were removed.
 */
export async function pruneReleases(engine: Transport, app: string, keep: number): Promise<RecordedRelease[]> {
  const [releases, current, previous, containers] = await Promise.all([
    listReleases(engine, app),
    currentRelease(engine, app),
    previousRelease(engine, app),
    containersOf(engine, app),
  ]);
  const kept = [current?.number, previous?.number];
  const used = new Set(containers.flatMap(({ ImageID, Labels }) => [ImageID, Labels[LABEL.release]]));
  const old = releases
    .slice(Math.max(keep, 1))
    .filter(({ number, imageId }) => !kept.includes(number) && !used.has(imageId) && !used.has(String(number)));
  const removed: RecordedRelease[] = [];
  // The engine has the last word: a container may have been made meanwhile.
  for (const release of old) if (await removeImage(engine, release.image)) removed.push(release);
  await removeUnmarked(engine, app, containers);
  return removed;
}

async function removeUnmarked(engine: Transport, app: string, containers: readonly ContainerSummary[]): Promise<void> {
  const used = new Set(containers.map(({ ImageID }) => ImageID));
  for (const { Id, RepoTags, Labels } of await listImages(engine, unmarkedTag(app, "*"))) {
    const release = toRelease(Labels, Id);
    const tag = release?.app === app && unmarkedTag(app, release.number);
    if (tag && RepoTags?.includes(tag) && !used.has(Id)) await removeImage(engine, tag);
  }
}

/** Those that use the app's images, others' too: they inherit the labels. */
const containersOf = (engine: Transport, app: string): Promise<ContainerSummary[]> =>
  listContainers(engine, { label: [`${LABEL.app}=${app}`, LABEL.release] });
