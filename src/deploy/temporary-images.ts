import { removeImage } from "../engine/image-tags.ts";
import type { Transport } from "../engine/transport.ts";
import { builtTag, commitTag, loadedTag, predeployTag, unlockedTag } from "../release/tags.ts";

/** The tags that a deploy creates before its release exists. */
const temporaryTags = (app: string) => [commitTag(app), predeployTag(app), builtTag(app), loadedTag(app)];

/** Whether a tag is temporary, or was left by a deploy that was killed before it acquired the lock. */
export const isTemporary = (app: string, tag: string): boolean =>
  temporaryTags(app).includes(tag) || tag.startsWith(unlockedTag(app, ""));

/**
 * Removes the temporary tags of an app. An image that the container of a failed phase uses
 * stays on the engine until the container is removed.
 */
export async function removeTemporaryTags(engine: Transport, app: string): Promise<void> {
  await Promise.all(temporaryTags(app).map((tag) => removeImage(engine, tag)));
}
