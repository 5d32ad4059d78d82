import { shortName } from "../../engine/dialect.ts";
import type { ImageDetails } from "../../engine/image-types.ts";
import { hasImage } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";

export const releaseTag = (app: string, number: number | "*") => `oneoff/${app}:v${number}`;

/** What a release was before it was marked: its processes run that, so it goes with the last of them. */
export const unmarkedTag = (app: string, number: number | "*") => `${releaseTag(app, number)}-unmarked`;

/**
 * Whether an image is the release that its labels name. `FROM oneoff/my-app:v3` inherits the labels of v3, but not its tag.
 * Only where the engine has no such tag, as after `docker load`, the labels are enough.
 */
export async function isRelease(engine: Transport, app: string, number: number, { RepoTags }: ImageDetails) {
  const own: readonly string[] = [releaseTag(app, number), unmarkedTag(app, number)];
  if ((RepoTags ?? []).some((tag) => own.includes(shortName(engine, tag)))) return true;
  return !(await hasImage(engine, releaseTag(app, number)));
}
