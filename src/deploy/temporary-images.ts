import { removeImage } from "../engine/image-tags.ts";
import type { Transport } from "../engine/transport.ts";
import { builtTag, commitTag, loadedTag, predeployTag, unlockedSince } from "../release/tags.ts";

/** The tags that a deploy creates before its release exists. */
const temporaryTags = (app: string) => [commitTag(app), predeployTag(app), builtTag(app), loadedTag(app)];

/** A deploy that has not acquired the lock after this time was probably killed. */
const MAX_UNLOCKED_S = 60 * 60;

/**
 * Whether a tag is temporary, or was left by a deploy that was killed before it acquired the lock.
 * @param now in seconds since 1970.
 */
export const isLeftover = (app: string, tag: string, now: number): boolean =>
  temporaryTags(app).includes(tag) || (unlockedSince(app, tag) ?? now) < now - MAX_UNLOCKED_S;

/**
 * Removes the temporary tags of an app. An image that the container of a failed phase uses
 * stays on the engine until the container is removed.
 */
export async function removeTemporaryTags(engine: Transport, app: string): Promise<void> {
  await Promise.all(temporaryTags(app).map((tag) => removeImage(engine, tag)));
}
