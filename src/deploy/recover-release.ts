import { removeImage, tagImage } from "../engine/image-tags.ts";
import { listImages } from "../engine/images.ts";
import type { Transport } from "../engine/transport.ts";
import type { Report } from "../output/events.ts";
import type { Release } from "../release/release.ts";
import { type RecordedRelease, toRelease } from "../release/release-labels.ts";
import { currentRelease, setLatest } from "../release/releases.ts";
import { failedTag, unfinishedTag } from "../release/tags.ts";
import { recoverProcesses } from "./rollout/running-processes.ts";

export async function markFinished(engine: Transport, app: string): Promise<void> {
  for (const { number } of await listUnfinished(engine, app)) await removeImage(engine, unfinishedTag(app, number));
}

/** Removes a release that never ran, so that it is no target for a rollback. */
export async function discardRelease(engine: Transport, { app, image, number }: Release): Promise<void> {
  await removeImage(engine, image);
  await removeImage(engine, unfinishedTag(app, number));
}

/** Discards a release that failed to start. Its image stays until the next deploy, for debugging. */
export async function discardFailedRelease(engine: Transport, release: Release): Promise<void> {
  await tagImage(engine, release.imageId, failedTag(release.app));
  await discardRelease(engine, release);
}

/**
 * Completes or discards releases of deploys that were killed: a release becomes live if its processes have replaced the
 * old ones.
 * @returns the live release, and whether its deploy still has steps to run.
 */
export async function recoverRelease(
  context: { readonly engine: Transport; readonly report: Report },
  app: string,
): Promise<{ readonly current: RecordedRelease | undefined; readonly isUnfinished: boolean }> {
  const { engine } = context;
  const [current, unfinished] = await Promise.all([currentRelease(engine, app), listUnfinished(engine, app)]);
  const isUnfinished = unfinished.some(({ number }) => number === current?.number);
  const latest = current?.number ?? 0;
  // A later release is live, so the missing steps of these are obsolete.
  for (const { number } of unfinished) if (number < latest) await removeImage(engine, unfinishedTag(app, number));
  const newer = unfinished.filter(({ number }) => number > latest);
  if (newer.length === 0) return { current, isUnfinished };
  const running = await recoverProcesses(context, app);
  const live = newer.find(({ number }) => running.some(({ release }) => release === number));
  if (live) await setLatest(engine, live);
  for (const other of newer) if (other !== live) await discardRelease(engine, other);
  return live ? { current: live, isUnfinished: true } : { current, isUnfinished };
}

/** Ignores images that the user tagged. */
async function listUnfinished(engine: Transport, app: string): Promise<RecordedRelease[]> {
  return (await listImages(engine, unfinishedTag(app, "*"))).flatMap(({ Id, RepoTags, Labels }) => {
    const release = toRelease(Labels, Id);
    return release?.app === app && RepoTags?.includes(unfinishedTag(app, release.number)) ? [release] : [];
  });
}
