import type { ImageDetails, ImageSummary } from "../engine/image-types.ts";
import { hasImage } from "../engine/images.ts";
import { shortName } from "../engine/quirks.ts";
import type { Transport } from "../engine/transport.ts";
import { LABEL } from "../identity/labels.ts";
import type { Labels } from "../identity/ownership.ts";
import { releaseTag, unmarkedTag } from "./tags.ts";

/** The release number in the labels of an image; undefined without one. */
export function releaseNumber(app: string, labels: Labels | null | undefined): number | undefined {
  const number = Number(labels?.[LABEL.release]);
  return labels?.[LABEL.app] === app && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

/**
 * Whether an image is the release in its labels. `FROM oneoff/my-app:v3` inherits the labels of v3, but not its tag.
 * If the engine has no such tag, e.g. after `docker load`, the labels are enough.
 */
export async function isRelease(engine: Transport, app: string, number: number, { RepoTags }: ImageDetails) {
  const tags = (RepoTags ?? []).map((tag) => shortName(engine, tag));
  return hasOwnTag(app, number, tags) || !(await hasImage(engine, releaseTag(app, number)));
}

/** Whether an image is a release, decided from the list of all images of the app. */
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
