import { removeIfThere } from "../../engine/containers.ts";
import { removeImage } from "../../engine/image-tags.ts";
import { listImages } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { listVerifiedOwn } from "../../identity/copies.ts";
import { LABEL } from "../../identity/labels.ts";
import { releaseNumber } from "../../release/release-image.ts";
import { failedTag } from "../../release/tags.ts";
import { removeTemporaryTags } from "../temporary-images.ts";

/**
 * Removes what the phases of earlier deploys have left: the containers of those that failed, of one whose deploy was killed,
 * and the images on the way, also of what could not be started. Only for who has the lock of the app's deploys, and knows
 * its number: a container may be all that remembers the last one.
 */
export async function removeOldPhases(engine: Transport, app: string): Promise<void> {
  const phases = await listVerifiedOwn(engine, { label: [`${LABEL.app}=${app}`, `${LABEL.kind}=phase`] });
  await Promise.all(phases.map(({ Id }) => removeIfThere(engine, Id)));
  await removeTemporaryTags(engine, app);
  await removeFailed(engine, app);
}

/** A release has labels; an image that has none, and is tagged so, is somebody's own. */
async function removeFailed(engine: Transport, app: string): Promise<void> {
  const tag = failedTag(app);
  const failed = (await listImages(engine, tag)).find(({ RepoTags }) => RepoTags?.includes(tag));
  if (failed && releaseNumber(app, failed.Labels) !== undefined) await removeImage(engine, tag);
}
