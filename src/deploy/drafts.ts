import { removeImage } from "../engine/image-tags.ts";
import type { Transport } from "../engine/transport.ts";

/** These images have no labels of oneoff's: a tag that nobody gives by hand keeps others' images from being taken for them. */
const ownTag = (app: string) => `oneoff/${app}:oneoff-`;

/** What came from an archive: no other tag is given to it. */
export const loadedTag = (app: string) => `${ownTag(app)}loaded`;

/** What BuildKit has built for a deploy. It has a cache of its own: the same once more gives the same image. */
export const builtTag = (app: string) => `${ownTag(app)}built`;

/** What another builder has built last: its name for that goes, and what it is to find again stays. */
export const cacheTag = (app: string) => `${ownTag(app)}cache`;

/** What predeploy has made of an app's image, until there is a release of it. */
export const predeployTag = (app: string) => `${ownTag(app)}predeploy`;

/** A release that could not be started, until the next deploy. */
export const failedTag = (app: string) => `oneoff/${app}:failed`;

/** What the engine has committed, with the container's variables in it: gone before anybody else sees it. */
export const draftTag = (app: string) => `${ownTag(app)}draft`;

/**
 * Removes what a deploy makes of images on its way to a release, and nobody else has a use for. Those stay that the
 * container of a failed phase needs, until that is removed.
 */
export async function removeDrafts(engine: Transport, app: string): Promise<void> {
  await Promise.all(
    [draftTag(app), predeployTag(app), builtTag(app), loadedTag(app)].map((tag) => removeImage(engine, tag)),
  );
}
