import { removeImage, tagImage } from "../engine/image-tags.ts";
import { listImages } from "../engine/images.ts";
import type { Transport } from "../engine/transport.ts";
import type { Report } from "../output/events.ts";
import type { Release } from "../release/release.ts";
import { type RecordedRelease, toRelease } from "../release/release-labels.ts";
import { currentRelease, setLatest } from "../release/releases.ts";
import { failedTag, releaseTag } from "../release/tags.ts";
import { recoverProcesses } from "./rollout/running-processes.ts";

/** A release whose deploy is under way: so whoever comes next knows what somebody could not finish. */
export const unfinishedTag = (app: string, number: number | "*") => `${releaseTag(app, number)}-unfinished`;

/** All is done that was to be done. */
export async function markFinished(engine: Transport, app: string): Promise<void> {
  for (const { number } of await listUnfinished(engine, app)) await removeImage(engine, unfinishedTag(app, number));
}

/** What never ran is nothing to go back to. */
export async function discardRelease(engine: Transport, { app, image, number }: Release): Promise<void> {
  await removeImage(engine, image);
  await removeImage(engine, unfinishedTag(app, number));
}

/** What could not be started is no release; its image stays, to be looked into, until the next deploy. */
export async function discardFailedRelease(engine: Transport, release: Release): Promise<void> {
  await tagImage(engine, release.imageId, failedTag(release.app));
  await discardRelease(engine, release);
}

/**
 * Comes to terms with what deploys have left that were killed: a release is live when its processes have taken their
 * places, and is forgotten when they have not.
 * @returns what is live, and whether that is what could not be finished: it runs, but not all has been done that comes
 * after it.
 */
export async function recoverRelease(
  context: { readonly engine: Transport; readonly report: Report },
  app: string,
): Promise<{ readonly current: RecordedRelease | undefined; readonly isUnfinished: boolean }> {
  const { engine } = context;
  const [current, left] = await Promise.all([currentRelease(engine, app), listUnfinished(engine, app)]);
  const isUnfinished = left.some(({ number }) => number === current?.number);
  const latest = current?.number ?? 0;
  // What was live before that stays a release: what it was short of is its successor's to do.
  for (const { number } of left) if (number < latest) await removeImage(engine, unfinishedTag(app, number));
  const others = left.filter(({ number }) => number > latest);
  if (others.length === 0) return { current, isUnfinished };
  const standing = await recoverProcesses(context, app);
  const live = others.find(({ number }) => standing.some(({ release }) => release === number));
  if (live) await setLatest(engine, live);
  for (const other of others) if (other !== live) await discardRelease(engine, other);
  return live ? { current: live, isUnfinished: true } : { current, isUnfinished };
}

/** A tag that was given by hand marks nothing. */
async function listUnfinished(engine: Transport, app: string): Promise<RecordedRelease[]> {
  return (await listImages(engine, unfinishedTag(app, "*"))).flatMap(({ Id, RepoTags, Labels }) => {
    const release = toRelease(Labels, Id);
    return release?.app === app && RepoTags?.includes(unfinishedTag(app, release.number)) ? [release] : [];
  });
}
