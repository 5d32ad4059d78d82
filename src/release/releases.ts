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
import { relabelByCommit, relabelImage } from "./relabel-image.ts";
import type { Release } from "./release.ts";
import { isRelease } from "./release-image.ts";
import { type LabelledRelease, type RecordedRelease, releaseLabels, toRelease } from "./release-labels.ts";
import { latestTag, previousTag, releaseTag, unmarkedTag } from "./tags.ts";

/** The releases of an app, from the newest. Images that were only tagged are skipped. */
export async function listReleases(engine: Transport, app: string): Promise<RecordedRelease[]> {
  const images = await listImages(engine, `oneoff/${app}:v*`);
  return images
    .flatMap(({ Id, RepoTags, Labels }) => {
      const release = toRelease(Labels, Id);
      return release?.app === app && RepoTags?.includes(release.image) ? [release] : [];
    })
    .sort((a, b) => b.number - a.number);
}

/** The live release, `oneoff/<app>:latest`. @returns undefined if the tag does not exist or is no release. */
export const currentRelease = (engine: Transport, app: string) => taggedRelease(engine, app, latestTag(app));

/** The release that was live before the current one. @returns undefined without one. */
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

/** A number above every release whose image or container still exists. */
export async function nextNumber(engine: Transport, app: string): Promise<number> {
  const [releases, containers] = await Promise.all([listReleases(engine, app), containersOf(engine, app)]);
  const ran = containers
    .filter(isOwn)
    .map(({ Labels }) => Number(Labels[LABEL.release]))
    .filter(Number.isSafeInteger);
  return Math.max(0, ...releases.map(({ number }) => number), ...ran) + 1;
}

/**
 * Creates a release from an image, with its layers and Config, additional labels, and the tag `v<number>`.
 * @param imageId the image with the changes of predeploy; `base` is the image before them.
 * @param first a tag that the image gets first.
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
  const mayCommit = engine.quirks.commitsConfig && (Cmd?.length || Entrypoint?.length);
  const byCommit = mayCommit ? () => relabelByCommit(engine, app, image, recast) : undefined;
  const made = await relabelImage(engine, image, recast, byCommit);
  if (first !== undefined) await tagImage(engine, made, tag);
  return { ...facts, image: tag, imageId: made };
}

/** Whether `scripts.postdeploy` of the app has never succeeded on this engine. */
export const isFirstDeploy = async (engine: Transport, current: RecordedRelease | undefined): Promise<boolean> =>
  current?.postdeployedOn === undefined || current.postdeployedOn !== (await engineId(engine));

/** Records in the labels that `scripts.postdeploy` has succeeded: creates a relabelled image that gets the tags. */
export async function markPostdeployed(engine: Transport, release: RecordedRelease): Promise<RecordedRelease> {
  const { app, number, imageId } = release;
  const current = await currentRelease(engine, app);
  await tagImage(engine, imageId, unmarkedTag(app, number));
  const marked = await recordRelease(engine, { ...release, postdeployedOn: await engineId(engine) });
  if (current?.number === number) await setLatest(engine, marked);
  await removeUnmarked(engine, app, await containersOf(engine, app));
  return marked;
}

/** Makes the release live for `oneoff run`. Can be repeated after an interruption without losing the previous tag. */
export async function setLatest(
  engine: Transport,
  { app, number, imageId }: Pick<Release, "app" | "number" | "imageId">,
): Promise<void> {
  const current = await currentRelease(engine, app);
  if (current && current.number !== number) await tagImage(engine, current.imageId, previousTag(app));
  await tagImage(engine, imageId, latestTag(app));
}

/**
 * Removes old releases, except the newest `keep`, the current and the previous one, and releases with containers.
 * The newest release is always kept, because it determines the next number.
 * @returns the removed releases.
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
  // The engine rejects the removal if a container was created meanwhile.
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

/** Containers of the app's images, also foreign ones, which inherit the labels. */
const containersOf = (engine: Transport, app: string): Promise<ContainerSummary[]> =>
  listContainers(engine, { label: [`${LABEL.app}=${app}`, LABEL.release] });
