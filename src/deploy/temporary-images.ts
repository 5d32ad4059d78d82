import { removeImage } from "../engine/image-tags.ts";
import type { Transport } from "../engine/transport.ts";
import { builtTag, commitTag, loadedTag, predeployTag } from "../release/tags.ts";

/**
 * Removes what a deploy makes of images on its way to a release, and nobody else has a use for. Those stay that the
 * container of a failed phase needs, until that is removed.
 */
export async function removeTemporaryTags(engine: Transport, app: string): Promise<void> {
  await Promise.all(
    [commitTag(app), predeployTag(app), builtTag(app), loadedTag(app)].map((tag) => removeImage(engine, tag)),
  );
}
