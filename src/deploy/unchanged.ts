import type { AppJson } from "../app/app-json.ts";
import { launcherOfImage } from "../app/buildpacks.ts";
import { parseEnvList } from "../app/env.ts";
import { inspectContainer } from "../engine/containers.ts";
import { inspectImage } from "../engine/images.ts";
import type { Transport } from "../engine/transport.ts";
import type { ContainerSummary } from "../engine/types.ts";
import { listVerifiedOwn } from "../identity/copies.ts";
import { LABEL } from "../identity/labels.ts";
import type { DeployApp, Release } from "../release/release.ts";
import type { RecordedRelease } from "../release/release-labels.ts";
import type { SourceFiles } from "./image/source-files.ts";
import type { ProcessGroup } from "./rollout/formation.ts";
import { desiredProcesses } from "./rollout/process-plans.ts";
import { processBody, processName } from "./rollout/process-spec.ts";

/** Whether a release runs as it would if it were deployed anew: the same processes, created by the same words. */
export async function runsAsPlanned(
  engine: Transport,
  app: DeployApp,
  release: Release,
  groups: readonly ProcessGroup[],
): Promise<boolean> {
  const label = [`${LABEL.app}=${app.name}`, `${LABEL.kind}=process`];
  const [processes, { Config }] = await Promise.all([
    listVerifiedOwn(engine, { label }),
    inspectImage(engine, release.imageId),
  ]);
  const ofImage = Config?.Env ?? [];
  const plans = desiredProcesses(app, groups, parseEnvList(ofImage), launcherOfImage(Config ?? {}));
  const wanted = new Map(plans.map((plan) => [processName(plan), processBody(app, release, plan)]));
  const running = new Map(processes.map((one) => [one.Labels[LABEL.name] ?? "", one]));
  if (processes.length !== wanted.size || running.size !== wanted.size) return false;
  const isAsWanted = ([name, { State, Labels }]: [string, ContainerSummary]) =>
    State === "running" && wanted.has(name) && Labels[LABEL.settings] === wanted.get(name)?.Labels[LABEL.settings];
  if (![...running].every(isAsWanted)) return false;
  const own = (env: readonly string[] | null | undefined) =>
    JSON.stringify((env ?? []).filter((pair) => !ofImage.includes(pair)).sort());
  const hasSameEnv = async ([name, { Id }]: [string, ContainerSummary]) =>
    own((await inspectContainer(engine, Id)).Config.Env) === own(wanted.get(name)?.Env);
  return (await Promise.all([...running].map(hasSameEnv))).every(Boolean);
}

/** Whether a release says the same as what is to be deployed. */
export const hasSameContent = (release: RecordedRelease, base: string, { procfile, appJson }: SourceFiles): boolean =>
  release.base === base &&
  JSON.stringify([...release.procfile]) === JSON.stringify([...procfile]) &&
  JSON.stringify(comparable(release.appJson)) === JSON.stringify(comparable(appJson));

/** Without `env`, which a release does not have. */
const comparable = ({ scripts, formation, healthchecks }: AppJson) => [scripts, [...formation], [...healthchecks]];
