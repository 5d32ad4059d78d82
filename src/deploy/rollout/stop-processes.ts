import { inspectContainer, removeContainer, stopContainer } from "../../engine/containers.ts";
import { removeImage } from "../../engine/image-tags.ts";
import type { ImageSummary } from "../../engine/image-types.ts";
import { listImages } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { warning } from "../../errors/error.ts";
import { keptImage, noSuchType } from "../../errors/processes.ts";
import { LABEL } from "../../identity/labels.ts";
import type { Report } from "../../output/events.ts";
import { isListedRelease } from "../../release/release-image.ts";
import { toRelease } from "../../release/release-labels.ts";
import { builtTag, cacheTag, latestTag, previousTag, unmarkedTag } from "../../release/tags.ts";
import { removeOldPhases } from "../phases/old-phases.ts";
import { unfinishedTag } from "../recover-release.ts";
import { DEFAULT_PROCESS_STOP_TIMEOUT_S } from "./process-spec.ts";
import { listRunning, type RunningProcess, recoverProcesses } from "./running-processes.ts";
import { scaleImage } from "./scale.ts";

interface StopContext {
  readonly engine: Transport;
  readonly report: Report;
}

/**
 * SIGTERM, SIGKILL after its grace; they stay there, ended, until the app is started or deployed again.
 * @param types those of these only; all unless given.
 */
export async function stopProcesses(stopping: StopContext, app: string, types: readonly string[]): Promise<void> {
  const standing = await recoverProcesses(stopping, app);
  const known = [...new Set(standing.map(({ type }) => type))].sort();
  const unknown = types.find((type) => !known.includes(type));
  if (unknown !== undefined) throw noSuchType(app, unknown, known);
  const meant = standing.filter(({ type, isRunning }) => isRunning && (types.length === 0 || types.includes(type)));
  if (meant.length === 0) stopping.report({ type: "none-found", resource: "processes", app, states: ["running"] });
  await Promise.all(meant.map((one) => stop(stopping, one)));
}

async function stop({ engine, report }: StopContext, { id, app, name }: RunningProcess): Promise<void> {
  const { Config } = await inspectContainer(engine, id);
  report({
    type: "process",
    app,
    name,
    state: "stopping",
    stopTimeout: Config.StopTimeout ?? DEFAULT_PROCESS_STOP_TIMEOUT_S,
  });
  await stopContainer(engine, id);
  report({ type: "process", app, name, state: "stopped" });
}

/**
 * Takes an app off the engine: its processes, what phases have left of it, its releases, and what was set of its scale.
 * One-offs that run are left alone, and so are the images that they need, and others' images under the app's tags.
 */
export async function destroyApp(stopping: StopContext, app: string): Promise<void> {
  const { engine, report } = stopping;
  await recoverProcesses(stopping, app);
  await Promise.all((await listRunning(engine, app)).map((one) => remove(stopping, one)));
  await removeOldPhases(engine, app);
  const images = await listImages(engine, `oneoff/${app}`);
  const tags = images.flatMap((image) => ownTags(app, image, images));
  for (const tag of tags) {
    if (!(await removeImage(engine, tag))) report(warning(`${tag} is in use and was kept`));
  }
  const all = images.flatMap(({ RepoTags }) => RepoTags ?? []);
  for (const tag of [latestTag(app), previousTag(app), scaleImage(app)]) {
    if (all.includes(tag) && !tags.includes(tag)) report(warning(keptImage(tag)));
  }
}

/**
 * Those of its tags that oneoff has given to it: others in the same repository are somebody's own images, and so is what
 * somebody has built and tagged `latest`.
 */
function ownTags(app: string, image: ImageSummary, all: readonly ImageSummary[]): string[] {
  const { Id, RepoTags, Labels } = image;
  const release = toRelease(Labels, Id);
  const own: readonly string[] = [
    ...[builtTag(app), cacheTag(app)],
    ...(Labels?.[LABEL.scale] === undefined ? [] : [scaleImage(app)]),
    ...(isListedRelease(app, image, all) ? [latestTag(app), previousTag(app)] : []),
    ...(release?.app === app
      ? [release.image, unmarkedTag(app, release.number), unfinishedTag(app, release.number)]
      : []),
  ];
  return (RepoTags ?? []).filter((tag) => own.includes(tag));
}

async function remove(stopping: StopContext, one: RunningProcess): Promise<void> {
  const { engine, report } = stopping;
  try {
    if (one.isRunning) await stop(stopping, one);
    await removeContainer(engine, one.id);
    report({ type: "process", app: one.app, name: one.name, state: "removed" });
  } catch (error) {
    if (!isRefusal(error, 404, 409)) throw error;
  }
}
