import type { AppJson } from "../app/app-json.ts";
import { launcherOfImage } from "../app/buildpacks.ts";
import { type Env, parseEnvList } from "../app/env.ts";
import { inspectContainer } from "../engine/containers.ts";
import type { ImageDetails } from "../engine/image-types.ts";
import { inspectImage } from "../engine/images.ts";
import type { ProcessCreateBody } from "../engine/process-types.ts";
import type { Transport } from "../engine/transport.ts";
import type { ContainerSummary } from "../engine/types.ts";
import { LABEL } from "../identity/labels.ts";
import { listVerifiedOwn } from "../identity/verify-ownership.ts";
import type { Cache } from "../oneoff/apps/image-procfile.ts";
import type { DeployApp, Release } from "../release/release.ts";
import type { RecordedRelease } from "../release/release-labels.ts";
import type { SourceFiles } from "./image/source-files.ts";
import { hasKnownEnv, noteProcesses, type ProcessImage, readKnownProcesses } from "./known-processes.ts";
import type { ProcessGroup } from "./rollout/formation.ts";
import { desiredProcesses } from "./rollout/process-plans.ts";
import { processBody, processName } from "./rollout/process-spec.ts";
import { requestedFormation } from "./rollout/roll-out.ts";
import type { Scale } from "./rollout/scale.ts";

/** What decides whether a deploy has anything to do. */
export interface UnchangedRequest {
  readonly app: DeployApp;
  readonly files: SourceFiles;
  readonly scale: Scale;
  /** Whether `scripts.postdeploy` has never succeeded for the app on this engine. */
  readonly isFirst: boolean;
}

interface UnchangedContext {
  readonly engine: Transport;
  readonly cache: Cache;
}

/** What was read before, and saves requests. */
interface KnownFacts {
  readonly processes: readonly ContainerSummary[];
  /** The image of the release, or its base, from which it has the variables. */
  readonly image?: ImageDetails;
}

/**
 * Whether the live release already runs as a deploy would start it.
 * @param base the ID of the image to deploy.
 */
export async function isUnchanged(
  context: UnchangedContext,
  { app, files, scale, isFirst }: UnchangedRequest,
  current: RecordedRelease,
  base: string,
  known?: KnownFacts,
): Promise<boolean> {
  if (isFirst && files.appJson.scripts.firstPostdeploy !== undefined) return false;
  if (!hasSameContent(current, base, files)) return false;
  return await runsAsPlanned(context, app, current, requestedFormation(app, current, scale), known);
}

/** Whether a release already runs as a deploy would start it: the same processes with the same settings. */
export async function runsAsPlanned(
  { engine, cache }: UnchangedContext,
  app: DeployApp,
  release: Release,
  groups: readonly ProcessGroup[],
  known?: KnownFacts,
): Promise<boolean> {
  const label = [`${LABEL.app}=${app.name}`, `${LABEL.kind}=process`];
  const processes = known?.processes ?? (await listVerifiedOwn(engine, { label }));
  /** The processes with their desired variables; undefined if they differ in anything else. */
  const compare = (image: ProcessImage) => withDesiredEnv(processes, desiredBodies(app, release, groups, image));
  const noted = readKnownProcesses(cache, app.name);
  const notedPort: Env = new Map(noted?.imagePort === undefined ? [] : [["PORT", noted.imagePort]]);
  if (noted && compare({ imageEnv: notedPort })?.every((one) => hasKnownEnv(noted, one))) return true;

  const { Config } = known?.image ?? (await inspectImage(engine, release.imageId));
  const imageEnv = Config?.Env ?? [];
  const image = { imageEnv: parseEnvList(imageEnv), launcher: launcherOfImage(Config ?? {}) };
  const compared = compare(image);
  if (!compared) return false;
  const envKey = (env: readonly string[] | null | undefined) =>
    JSON.stringify((env ?? []).filter((pair) => !imageEnv.includes(pair)).sort());
  const hasSameEnv = async ({ id, env }: { id: string; env: readonly string[] }) =>
    envKey((await inspectContainer(engine, id)).Config.Env) === envKey(env);
  const isSame = (await Promise.all(compared.map(hasSameEnv))).every(Boolean);
  if (isSame) noteProcesses(cache, app.name, image, compared);
  return isSame;
}

/** The create requests of all processes, by their names. */
const desiredBodies = (
  app: DeployApp,
  release: Release,
  groups: readonly ProcessGroup[],
  { imageEnv, launcher }: ProcessImage,
): ReadonlyMap<string, ProcessCreateBody> =>
  new Map(
    desiredProcesses(app, groups, imageEnv, launcher).map((plan) => [
      processName(plan),
      processBody(app, release, plan),
    ]),
  );

function withDesiredEnv(processes: readonly ContainerSummary[], desired: ReadonlyMap<string, ProcessCreateBody>) {
  const running = new Map(processes.map((one) => [one.Labels[LABEL.name] ?? "", one]));
  if (processes.length !== desired.size || running.size !== desired.size) return undefined;
  const compared = Array.from(running, ([name, { Id, State, Labels }]) => {
    const body = desired.get(name);
    const isSame = State === "running" && body && Labels[LABEL.settings] === body.Labels[LABEL.settings];
    return isSame ? [{ id: Id, env: body.Env ?? [] }] : [];
  }).flat();
  return compared.length === desired.size ? compared : undefined;
}

/** Whether a release has the same image, Procfile and app.json as the deploy. */
export const hasSameContent = (
  release: Pick<RecordedRelease, "base" | "procfile" | "appJson">,
  base: string,
  { procfile, appJson }: SourceFiles,
): boolean =>
  release.base === base &&
  JSON.stringify([...release.procfile]) === JSON.stringify([...procfile]) &&
  JSON.stringify(comparable(release.appJson)) === JSON.stringify(comparable(appJson));

/** Without `env`, which a release does not store. */
const comparable = ({ scripts, formation, healthchecks, cron }: AppJson) => [
  scripts,
  [...formation],
  [...healthchecks],
  cron,
];
