import { createHash } from "node:crypto";
import type { Launcher } from "../app/buildpacks.ts";
import type { Env } from "../app/env.ts";
import type { Cache } from "../oneoff/apps/image-procfile.ts";
import type { DeployApp, Release } from "../release/release.ts";
import { processBody } from "./rollout/process-spec.ts";
import type { StartedProcesses } from "./rollout/roll-out.ts";

/**
 * What a deploy on this machine has read or created. The variables of a container and of its image never change, so
 * the next deploy needs no inspect.
 */
interface KnownProcesses {
  /** `PORT` of the image. */
  readonly imagePort?: string | undefined;
  /** Digests of variables, by the container's ID. */
  readonly digests: Readonly<Record<string, string>>;
}

/** The image that processes run. */
export interface ProcessImage {
  /** The variables that the image sets. */
  readonly imageEnv: Env;
  readonly launcher?: Launcher | undefined;
}

/** The variables with which a container was created, without the other variables of its image. */
interface ProcessEnv {
  /** Container ID. */
  readonly id: string;
  readonly env: readonly string[];
}

const keyOf = (app: string) => `processes-${app}`;

/** @returns undefined if nothing is known. */
export function readKnownProcesses(cache: Cache, app: string): KnownProcesses | undefined {
  try {
    const known = JSON.parse(cache.get(keyOf(app)) ?? "null") as KnownProcesses | null;
    return typeof known?.digests === "object" && known.digests ? known : undefined;
  } catch {
    // A file of the cache may be incomplete after a loss of power.
    return undefined;
  }
}

export const hasKnownEnv = ({ digests }: KnownProcesses, one: ProcessEnv): boolean => digests[one.id] === digestOf(one);

/** The launcher of an image is not stored, so its processes are read each time. */
export function noteProcesses(
  cache: Cache,
  app: string,
  { imageEnv, launcher }: ProcessImage,
  processes: readonly ProcessEnv[],
): void {
  if (launcher) return;
  const digests = Object.fromEntries(processes.map((one) => [one.id, digestOf(one)]));
  const known: KnownProcesses = { imagePort: imageEnv.get("PORT"), digests };
  cache.set(keyOf(app), JSON.stringify(known));
}

/** Notes the processes that a rollout of a release started. */
export function noteStarted(cache: Cache, app: DeployApp, release: Release, started: StartedProcesses): void {
  const envs = started.candidates.map(({ id, plan }) => ({ id, env: processBody(app, release, plan).Env ?? [] }));
  noteProcesses(cache, app.name, started, envs);
}

const digestOf = ({ id, env }: ProcessEnv) =>
  createHash("sha256")
    .update(JSON.stringify([id, ...[...env].sort()]))
    .digest("hex");
