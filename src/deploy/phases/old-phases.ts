import { removeIfThere } from "../../engine/containers.ts";
import { removeImage } from "../../engine/image-tags.ts";
import { listImages } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { LABEL } from "../../identity/labels.ts";
import { listVerifiedOwn } from "../../identity/verify-ownership.ts";
import { releaseNumber } from "../../release/release-image.ts";
import { failedTag } from "../../release/tags.ts";
import { isLeftover } from "../temporary-images.ts";

/**
 * Removes leftovers of earlier deploys: containers of phases that failed or were killed, temporary tags, and images
 * that failed to start. The caller must hold the deploy lock and have its release number, because the last number may
 * be recorded only on such a container.
 * @returns tags of images that containers still use: of a rollout that the connection was lost in.
 */
export async function removeOldPhases(engine: Transport, app: string): Promise<string[]> {
  const phases = await listVerifiedOwn(engine, { label: [`${LABEL.app}=${app}`, `${LABEL.kind}=phase`] });
  await Promise.all(phases.map(({ Id }) => removeIfThere(engine, Id)));
  const images = await listImages(engine, `oneoff/${app}`);
  const now = engine.clock.now();
  const tags = images.flatMap(({ RepoTags, Labels }) => {
    // A failed release. An image without release labels belongs to the user.
    const isFailed = (tag: string) => tag === failedTag(app) && releaseNumber(app, Labels) !== undefined;
    return (RepoTags ?? []).filter((tag) => isLeftover(app, tag, now) || isFailed(tag));
  });
  // One at a time: engines fail if two tags of an image are removed at once.
  const used: string[] = [];
  for (const tag of tags) if (!(await removeImage(engine, tag))) used.push(tag);
  return used;
}
