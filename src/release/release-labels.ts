import { type AppJson, parseAppJson } from "../app/app-json.ts";
import { isProcessType, type Procfile } from "../app/procfile.ts";
import { LABEL } from "../identity/labels.ts";
import type { Release } from "./release.ts";
import { releaseTag } from "./tags.ts";

/** A release as stored in the labels of its image. */
export interface RecordedRelease extends Release {
  /** The ID of the image that it was created from. */
  readonly base: string;
  /** The engine on which `scripts.postdeploy` succeeded. An image that was moved to another engine keeps it. */
  readonly postdeployedOn?: string;
}

/** The release in the labels of an image. */
export type LabelledRelease = Omit<RecordedRelease, "image" | "imageId">;

export function releaseLabels(release: LabelledRelease): Record<string, string> {
  return {
    [LABEL.app]: release.app,
    [LABEL.release]: String(release.number),
    [LABEL.releaseBase]: release.base,
    [LABEL.releaseCreated]: release.created,
    [LABEL.releaseProcfile]: releaseProcfileText(release.procfile),
    [LABEL.releaseAppJson]: appJsonText(release.appJson),
    [LABEL.releasePostdeployed]: release.postdeployedOn ?? "",
  };
}

/** @returns undefined for an image that is no release or has unsupported labels. */
export function toRelease(
  labels: Readonly<Record<string, string>> | null | undefined,
  imageId: string,
): RecordedRelease | undefined {
  const text = (key: string) => labels?.[key] ?? "";
  const postdeployedOn = text(LABEL.releasePostdeployed);
  const [app, number] = [text(LABEL.app), Number(text(LABEL.release))];
  if (app === "" || !Number.isSafeInteger(number) || number < 1) return undefined;
  try {
    return {
      app,
      number,
      image: releaseTag(app, number),
      imageId,
      base: text(LABEL.releaseBase),
      created: text(LABEL.releaseCreated),
      procfile: releaseProcfile(labels),
      appJson: parseAppJson(Buffer.from(text(LABEL.releaseAppJson))),
      ...(postdeployedOn !== "" && { postdeployedOn }),
    };
  } catch {
    return undefined;
  }
}

/** An equivalent app.json without `env`, whose values are only for the deploy and may be secrets. */
export function appJsonText({ scripts, formation, healthchecks, cron }: AppJson): string {
  const { predeploy, postdeploy, firstPostdeploy } = scripts;
  return JSON.stringify({
    scripts: { dokku: { predeploy, postdeploy }, postdeploy: firstPostdeploy },
    formation: Object.fromEntries(
      Array.from(formation, ([type, { maxParallel, ...same }]) => [type, { ...same, max_parallel: maxParallel }]),
    ),
    healthchecks: Object.fromEntries(healthchecks),
    cron: cron.map(({ times: _, policy, ...same }) => ({ ...same, concurrency_policy: policy })),
  });
}

/** The format of the label: a list of pairs, because an object does not keep the order of numeric names. */
const releaseProcfileText = (procfile: Procfile): string => JSON.stringify([...procfile]);

/** The Procfile of a release. Empty for an image that was only tagged like a release. */
export function releaseProcfile(labels: Readonly<Record<string, string>> | null | undefined): Procfile {
  try {
    const pairs: unknown = JSON.parse(labels?.[LABEL.releaseProcfile] ?? "[]");
    return new Map(Array.isArray(pairs) ? pairs.filter(isEntry) : []);
  } catch {
    // The label was not written by oneoff.
    return new Map();
  }
}

const isEntry = (pair: unknown): pair is [string, string] =>
  Array.isArray(pair) && typeof pair[0] === "string" && isProcessType(pair[0]) && typeof pair[1] === "string";
