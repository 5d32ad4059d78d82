import { removeIfThere } from "../../engine/containers.ts";
import { removeImage } from "../../engine/image-tags.ts";
import { listImages } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { LABEL } from "../../identity/labels.ts";
import { listVerifiedOwn } from "../../identity/verify-ownership.ts";
import { releaseNumber } from "../../release/release-image.ts";
import { failedTag } from "../../release/tags.ts";
import { isTemporary } from "../temporary-images.ts";

/**
 * Removes leftovers of earlier deploys: containers of phases that failed or were killed, temporary tags, and images
 * that failed to start. The caller must hold the deploy lock and have its release number, because the last number may
 * be recorded only on such a container.
 * @param kept a temporary tag of this deploy.
 */
export async function removeOldPhases(engine: Transport, app: string, kept?: string): Promise<void> {
  const phases = await listVerifiedOwn(engine, { label: [`${LABEL.app}=${app}`, `${LABEL.kind}=phase`] });
  await Promise.all(phases.map(({ Id }) => removeIfThere(engine, Id)));
  const tags = (await listImages(engine, `oneoff/${app}`)).flatMap(({ RepoTags, Labels }) => {
    // A failed release. An image without release labels belongs to the user.
    const isFailed = (tag: string) => tag === failedTag(app) && releaseNumber(app, Labels) !== undefined;
    return (RepoTags ?? []).filter((tag) => tag !== kept && (isTemporary(app, tag) || isFailed(tag)));
  });
  // One at a time: engines fail if two tags of an image are removed at once.
  for (const tag of tags) await removeImage(engine, tag);
}
