import { removeImage, tagImage } from "../../engine/image-tags.ts";
import { inspectImage } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors.ts";
import type { Release } from "./release.ts";
import { toRelease } from "./release-labels.ts";

/** The release whose deploy is under way: so whoever comes next knows what somebody could not finish. */
const unfinishedImage = (app: string) => `oneoff/${app}:unfinished`;

export const markUnfinished = (engine: Transport, { app, imageId }: Release): Promise<void> =>
  tagImage(engine, imageId, unfinishedImage(app));

export async function markFinished(engine: Transport, app: string): Promise<void> {
  await removeImage(engine, unfinishedImage(app));
}

/** What never ran is nothing to go back to. */
export async function forgetRelease(engine: Transport, { app, image }: Release): Promise<void> {
  await removeImage(engine, image);
  await markFinished(engine, app);
}

/**
 * Forgets the release of a deploy that was killed before that was live.
 * @param live what `oneoff run` runs.
 * @returns whether that is what a deploy could not finish: it runs, but not all has been done that comes after it.
 */
export async function settleUnfinished(engine: Transport, app: string, live: Release | undefined): Promise<boolean> {
  try {
    const { Id, Config } = await inspectImage(engine, unfinishedImage(app));
    const left = toRelease(Config?.Labels, Id);
    if (left?.app !== app) return false;
    if (left.number === live?.number) return true;
    await forgetRelease(engine, left);
  } catch (error) {
    if (!isRefusal(error, 404)) throw error;
  }
  return false;
}
