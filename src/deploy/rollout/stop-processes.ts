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
import {
  builtTag,
  cacheTag,
  latestTag,
  previousTag,
  unfinishedTag,
  unlockedSince,
  unmarkedTag,
} from "../../release/tags.ts";
import { removeOldPhases } from "../phases/old-phases.ts";
import { DEFAULT_PROCESS_STOP_TIMEOUT_S } from "./process-spec.ts";
import { listRunning, type RunningProcess, recoverProcesses } from "./running-processes.ts";
import { scaleImage } from "./scale.ts";

interface StopContext {
  readonly engine: Transport;
  readonly report: Report;
}

/**
 * Stops processes but keeps their containers, so that they can be started again.
 * @param types all if empty.
 */
export async function stopProcesses(context: StopContext, app: string, types: readonly string[]): Promise<void> {
  const running = await recoverProcesses(context, app);
  const known = [...new Set(running.map(({ type }) => type))].sort();
  const unknown = types.find((type) => !known.includes(type));
  if (unknown !== undefined) throw noSuchType(app, unknown, known);
  const selected = running.filter(({ type, isRunning }) => isRunning && (types.length === 0 || types.includes(type)));
  if (selected.length === 0) context.report({ type: "none-found", resource: "processes", app, states: ["running"] });
  await Promise.all(selected.map((one) => stop(context, one)));
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
 * Deletes an app from the engine: processes, containers of phases, releases and scale. Keeps running one-offs and their
 * images, and images that the user tagged with the name of the app.
 */
export async function destroyApp(context: StopContext, app: string): Promise<void> {
  const { engine, report } = context;
  await recoverProcesses(context, app);
  await Promise.all((await listRunning(engine, app)).map((one) => remove(context, one)));
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
 * The tags of an image that oneoff created. Other tags in the repository belong to the user, e.g. an image that
 * `docker build` tagged `latest`.
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
  return (RepoTags ?? []).filter((tag) => own.includes(tag) || unlockedSince(app, tag) !== undefined);
}

async function remove(context: StopContext, one: RunningProcess): Promise<void> {
  const { engine, report } = context;
  try {
    if (one.isRunning) await stop(context, one);
    await removeContainer(engine, one.id);
    report({ type: "process", app: one.app, name: one.name, state: "removed" });
  } catch (error) {
    if (!isRefusal(error, 404, 409)) throw error;
  }
}
