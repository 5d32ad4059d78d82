import { shortName } from "../engine/dialect.ts";
import type { ImageDetails, ImageSummary } from "../engine/image-types.ts";
import { hasImage } from "../engine/images.ts";
import type { Transport } from "../engine/transport.ts";
import { LABEL } from "../identity/labels.ts";
import type { Labels } from "../identity/ownership.ts";
import { releaseTag, unmarkedTag } from "./tags.ts";

/** The number of an app's release that the labels of an image name; undefined where they name none. */
export function releaseNumber(app: string, labels: Labels | null | undefined): number | undefined {
  const number = Number(labels?.[LABEL.release]);
  return labels?.[LABEL.app] === app && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

/**
 * Whether an image is the release that its labels name. `FROM oneoff/my-app:v3` inherits the labels of v3, but not its tag.
 * Only where the engine has no such tag, as after `docker load`, the labels are enough.
 */
export async function isRelease(engine: Transport, app: string, number: number, { RepoTags }: ImageDetails) {
  const tags = (RepoTags ?? []).map((tag) => shortName(engine, tag));
  return hasOwnTag(app, number, tags) || !(await hasImage(engine, releaseTag(app, number)));
}

/** The same of an image in a list that has all of the app's. */
export function isListedRelease(
  app: string,
  { Labels, RepoTags }: ImageSummary,
  all: readonly ImageSummary[],
): boolean {
  const number = releaseNumber(app, Labels);
  if (number === undefined) return false;
  return hasOwnTag(app, number, RepoTags ?? []) || !all.some((one) => one.RepoTags?.includes(releaseTag(app, number)));
}

const hasOwnTag = (app: string, number: number, tags: readonly string[]) =>
  tags.includes(releaseTag(app, number)) || tags.includes(unmarkedTag(app, number));
