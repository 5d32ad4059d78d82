import { listContainers } from "../engine/containers.ts";
import type { ImageSummary } from "../engine/image-types.ts";
import { listImages } from "../engine/images.ts";
import type { Transport } from "../engine/transport.ts";
import type { ContainerSummary } from "../engine/types.ts";
import { LABEL } from "../identity/labels.ts";
import { containerNameOf, isOwn } from "../identity/ownership.ts";
import { excludeCopies, noteImageLabels } from "../identity/verify-ownership.ts";
import { isListedRelease } from "../release/release-image.ts";
import { type RecordedRelease, toRelease } from "../release/release-labels.ts";
import { failedTag, latestTag, unfinishedTag } from "../release/tags.ts";
import { processContainerName } from "./rollout/process-spec.ts";
import { parseScaleText, type Scale, scaleImage } from "./rollout/scale.ts";
import { isLeftover } from "./temporary-images.ts";

/** An app with a live release, and without anything that a deploy would have to recover or remove first. */
export interface SettledApp {
  readonly release: RecordedRelease;
  readonly scale: Scale;
  readonly processes: readonly ContainerSummary[];
}

interface FoundApp extends SettledApp {
  /** The references to other images that were found. */
  readonly present: ReadonlySet<string>;
}

/**
 * Reads an app in two requests, without its deploy lock: every deploy in progress has a container, which is listed.
 * @param others references to other images, which the same request searches.
 * @returns undefined if a deploy is in progress, was killed or failed.
 */
export async function findSettledApp(
  engine: Transport,
  app: string,
  others: readonly string[] = [],
): Promise<FoundApp | undefined> {
  const [containers, listed] = await Promise.all([
    containersOf(engine, app),
    listImages(engine, `oneoff/${app}`, ...others),
  ]);
  const images = listed.filter(({ RepoTags }) => RepoTags?.some((tag) => tag.startsWith(`oneoff/${app}:`)));
  const settled = settledApp(app, containers, images, engine.clock.now());
  if (!settled) return undefined;
  for (const { Id, Labels } of images) if (toRelease(Labels, Id)) noteImageLabels(engine, Id, Labels ?? {});
  const tags = new Set(listed.flatMap(({ RepoTags }) => RepoTags ?? []));
  const present = new Set(others.filter((one) => tags.has(/:[^/]*$/.test(one) ? one : `${one}:latest`)));
  return { ...settled, present, processes: await excludeCopies(engine, settled.processes) };
}

/** Whether an app still has the same processes, and no deploy is in progress. */
export async function isStillSettled(
  engine: Transport,
  app: string,
  { processes }: Pick<SettledApp, "processes">,
): Promise<boolean> {
  const found = processesInPlace(app, await containersOf(engine, app));
  const key = (ones: readonly ContainerSummary[]) => JSON.stringify(ones.map(({ Id, State }) => [Id, State]).sort());
  return found !== undefined && key(await excludeCopies(engine, found)) === key(processes);
}

const containersOf = (engine: Transport, app: string) => listContainers(engine, { label: [`${LABEL.app}=${app}`] });

/**
 * @param containers with the label of the app. @param images with a tag of the app.
 * @param now in seconds since 1970.
 */
export function settledApp(
  app: string,
  containers: readonly ContainerSummary[],
  images: readonly ImageSummary[],
  now: number,
): SettledApp | undefined {
  const processes = processesInPlace(app, containers);
  if (!processes) return undefined;

  const tagged = (tag: string) => images.find(({ RepoTags }) => RepoTags?.includes(tag));
  const isUnfinished = ({ Id, Labels }: ImageSummary) => {
    const release = toRelease(Labels, Id);
    return release !== undefined && tagged(unfinishedTag(app, release.number)) !== undefined;
  };
  const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []);
  if (tags.some((tag) => isLeftover(app, tag, now)) || tagged(failedTag(app)) || images.some(isUnfinished))
    return undefined;

  const live = tagged(latestTag(app));
  const release = live && isListedRelease(app, live, images) ? toRelease(live.Labels, live.Id) : undefined;
  const scale = parseScaleText(tagged(scaleImage(app))?.Labels?.[LABEL.scale]);
  return release && { release, scale, processes };
}

/** @returns undefined if a deploy is in progress, or was killed during a phase or rollout. */
function processesInPlace(app: string, containers: readonly ContainerSummary[]): ContainerSummary[] | undefined {
  const own = containers.filter(isOwn);
  const ofKind = (kind: string) => own.filter(({ Labels }) => Labels[LABEL.kind] === kind);
  const processes = ofKind("process");
  const isInPlace = (one: ContainerSummary) =>
    containerNameOf(one) === processContainerName(app, one.Labels[LABEL.name] ?? "");
  const isSettled = ofKind("deploy").length === 0 && ofKind("phase").length === 0 && processes.every(isInPlace);
  return isSettled ? processes : undefined;
}
