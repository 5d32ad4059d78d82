import type { AppJson } from "../app/app-json.ts";
import { launcherOfImage } from "../app/buildpacks.ts";
import { parseEnvList } from "../app/env.ts";
import { inspectContainer } from "../engine/containers.ts";
import type { ImageDetails } from "../engine/image-types.ts";
import { inspectImage } from "../engine/images.ts";
import type { Transport } from "../engine/transport.ts";
import type { ContainerSummary } from "../engine/types.ts";
import { LABEL } from "../identity/labels.ts";
import { listVerifiedOwn } from "../identity/verify-ownership.ts";
import type { DeployApp, Release } from "../release/release.ts";
import type { RecordedRelease } from "../release/release-labels.ts";
import type { SourceFiles } from "./image/source-files.ts";
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

/** What was read before, and saves requests. */
interface KnownFacts {
  readonly processes: readonly ContainerSummary[];
  /** The image of the release, or its base, from which it has the variables. */
  readonly image: ImageDetails;
}

/**
 * Whether the live release already runs as a deploy would start it.
 * @param base the ID of the image to deploy.
 */
export async function isUnchanged(
  engine: Transport,
  { app, files, scale, isFirst }: UnchangedRequest,
  current: RecordedRelease,
  base: string,
  known?: KnownFacts,
): Promise<boolean> {
  if (isFirst && files.appJson.scripts.firstPostdeploy !== undefined) return false;
  if (!hasSameContent(current, base, files)) return false;
  return await runsAsPlanned(engine, app, current, requestedFormation(app, current, scale), known);
}

/** Whether a release already runs as a deploy would start it: the same processes with the same settings. */
export async function runsAsPlanned(
  engine: Transport,
  app: DeployApp,
  release: Release,
  groups: readonly ProcessGroup[],
  known?: KnownFacts,
): Promise<boolean> {
  const label = [`${LABEL.app}=${app.name}`, `${LABEL.kind}=process`];
  const [processes, { Config }] = await Promise.all([
    known?.processes ?? listVerifiedOwn(engine, { label }),
    known?.image ?? inspectImage(engine, release.imageId),
  ]);
  const imageEnv = Config?.Env ?? [];
  const plans = desiredProcesses(app, groups, parseEnvList(imageEnv), launcherOfImage(Config ?? {}));
  const desired = new Map(plans.map((plan) => [processName(plan), processBody(app, release, plan)]));
  const running = new Map(processes.map((one) => [one.Labels[LABEL.name] ?? "", one]));
  if (processes.length !== desired.size || running.size !== desired.size) return false;
  const isUnchanged = ([name, { State, Labels }]: [string, ContainerSummary]) =>
    State === "running" && desired.has(name) && Labels[LABEL.settings] === desired.get(name)?.Labels[LABEL.settings];
  if (![...running].every(isUnchanged)) return false;
  const envKey = (env: readonly string[] | null | undefined) =>
    JSON.stringify((env ?? []).filter((pair) => !imageEnv.includes(pair)).sort());
  const hasSameEnv = async ([name, { Id }]: [string, ContainerSummary]) =>
    envKey((await inspectContainer(engine, Id)).Config.Env) === envKey(desired.get(name)?.Env);
  return (await Promise.all([...running].map(hasSameEnv))).every(Boolean);
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
