import { removeImage } from "../engine/image-tags.ts";
import type { Transport } from "../engine/transport.ts";
import { builtTag, commitTag, loadedTag, predeployTag } from "../release/tags.ts";

/** The tags that a deploy creates before its release exists. */
export const temporaryTags = (app: string) => [commitTag(app), predeployTag(app), builtTag(app), loadedTag(app)];

/**
 * Removes the temporary tags of an app. An image that the container of a failed phase uses
 * stays on the engine until the container is removed.
 */
export async function removeTemporaryTags(engine: Transport, app: string): Promise<void> {
  await Promise.all(temporaryTags(app).map((tag) => removeImage(engine, tag)));
}
