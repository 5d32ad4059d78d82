import { type Launcher, launcherOfImage } from "../../app/buildpacks.ts";
import { type Env, parseEnvList } from "../../app/env.ts";
import { startContainer, stopContainer } from "../../engine/containers.ts";
import { inspectImage } from "../../engine/images.ts";
import { isConnectionLoss } from "../../errors/engine.ts";
import { pollUntilReconnected, retryUntilReconnected } from "../../oneoff/session/reconnect.ts";
import type { DeployApp, Release } from "../../release/release.ts";
import { formationOf, type ProcessGroup } from "./formation.ts";
import type { HealthContext } from "./health.ts";
import { parallel } from "./parallel.ts";
import { checkGroups, displacedBy, type ProcessPlans, planProcesses } from "./process-plans.ts";
import { renameProcesses } from "./rename-processes.ts";
import { reportFailure } from "./report-failure.ts";
import { listRunning, recoverProcesses } from "./running-processes.ts";
import type { Scale } from "./scale.ts";
import {
  addCandidateAliases,
  type Candidate,
  createCandidate,
  type Rollout,
  removeCandidate,
  startCandidate,
} from "./start-process.ts";
import { stopOldProcesses } from "./stop-old-processes.ts";

export interface RolloutRequest extends Omit<Rollout, "healthWait"> {
  readonly healthWait?: number | undefined;
  /** The quantities that `oneoff scale` has set. */
  readonly scale: Scale;
  /** Whether processes that already run this release are kept. */
  readonly keepRunning: boolean;
  /**
   * Called when the new processes have replaced the old ones, before the old ones are stopped, because stopping may
   * last. Called again if the connection to the engine is lost meanwhile.
   */
  onLive?(): Promise<void>;
}

/** The processes that a rollout started, and what their image sets. */
export interface StartedProcesses {
  readonly imageEnv: Env;
  readonly launcher: Launcher | undefined;
  readonly candidates: readonly Candidate[];
}

/** The formation that a rollout would start. @throws OneoffError if it is invalid, before anything changes. */
export function requestedFormation(
  app: DeployApp,
  release: Pick<Release, "procfile" | "appJson"> | undefined,
  scale: Scale,
  check: (app: DeployApp, groups: readonly ProcessGroup[]) => void = checkGroups,
): ProcessGroup[] {
  const { formation: fromManifest } = app.settings;
  const { procfile = new Map(), appJson } = release ?? {};
  const fromAppJson = appJson?.formation ?? new Map();
  const groups = formationOf({ app: app.name, procfile, fromAppJson, fromManifest, scale });
  if (release) check(app, groups);
  return groups;
}

/**
 * Replaces the running processes by processes of a release. The candidates start beside the old processes, under
 * temporary names and without the aliases that proxies use. When all are healthy they get the names and aliases, and
 * the old processes stop gracefully. A process that needs a host port starts only after its old process was stopped.
 *
 * Until all candidates are healthy, a failure or a signal removes the candidates and keeps the old processes. After
 * that the rollout is completed even on a signal. If oneoff is killed, the names of the containers show how far the
 * rollout got, and the next deploy completes it or rolls it back.
 * @returns the processes that it started.
 */
export async function rollOut(context: HealthContext, request: RolloutRequest): Promise<StartedProcesses> {
  const { engine, report, signal } = context;
  const { app, release, scale, keepRunning, healthWait, failedImage, onLive } = request;
  const groups = requestedFormation(app, release, scale);
  if (!groups.some(({ type }) => type === "web")) {
    report({ type: "process-skipped", app: app.name, processType: "web" });
  }
  const { Config } = await inspectImage(engine, release.imageId);
  const image = { imageEnv: parseEnvList(Config?.Env ?? []), launcher: launcherOfImage(Config ?? {}) };
  const { drain } = app.settings.processes ?? {};
  const running = await recoverProcesses({ ...context, drain }, app.name);
  const plans = planProcesses({
    app,
    groups,
    ...image,
    running,
    keeps: (one) => keepRunning && one.release === release.number,
  });
  for (const { name } of plans.keep) report({ type: "process", app: app.name, name, state: "unchanged" });
  signal.throwIfAborted();
  await using undo = new AsyncDisposableStack();
  const rollout = { app, release, healthWait, ...(failedImage !== undefined && { failedImage }) };
  const candidates = await startAndSwitch(context, rollout, groups, plans, undo).catch(async (error) => {
    // An engine that only restarts can still remove the candidates.
    if (isConnectionLoss(error)) await pollUntilReconnected(engine, () => listRunning(engine, app.name));
    throw error;
  });
  undo.move();
  const failure = await catchFailure(retryUntilReconnected(engine, async () => onLive?.()));
  if (failure === undefined) {
    for (const { name } of candidates) report({ type: "process", app: app.name, name, state: "live" });
  }
  // The candidates have replaced the old processes even if onLive failed: the old ones must not run beside them.
  if (!isConnectionLoss(failure)) await stopOldProcesses({ ...context, drain }, plans.stop);
  if (failure !== undefined) throw failure;
  return { ...image, candidates };
}

const catchFailure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

async function startAndSwitch(
  context: HealthContext,
  rollout: Rollout,
  groups: readonly ProcessGroup[],
  plans: ProcessPlans,
  undo: AsyncDisposableStack,
): Promise<Candidate[]> {
  const candidates = await startAll(context, rollout, groups, plans, undo);
  // One at a time: in parallel, reconnecting containers could get each other's address.
  for (const one of candidates) await addCandidateAliases(context, rollout, one);
  context.signal.throwIfAborted();
  await renameProcesses(context, rollout.app.name, plans.stop, candidates, undo);
  return candidates;
}

async function startAll(
  context: HealthContext,
  rollout: Rollout,
  groups: readonly ProcessGroup[],
  { start, stop }: ProcessPlans,
  undo: AsyncDisposableStack,
): Promise<Candidate[]> {
  const { engine, signal } = context;
  const { app } = rollout;
  const candidates: Candidate[] = [];
  const startGroups = (selected: readonly ProcessGroup[]) =>
    parallel(signal, selected, async ({ type, maxParallel }, signal) => {
      const plans = start.filter((plan) => plan.type === type);
      await parallel(
        signal,
        plans,
        async (plan, signal) => {
          const candidate = await createCandidate(context, rollout, plan);
          candidates.push(candidate);
          undo.defer(() => removeCandidate(context, app, candidate));
          for (const one of displacedBy(app, type, stop)) {
            undo.defer(async () => {
              // The candidate holds the host port that the old process needs.
              await removeCandidate(context, app, candidate);
              await reportFailure(context, one, "started again", startContainer(engine, one.id));
            });
            await stopContainer(engine, one.id);
          }
          await startCandidate({ ...context, signal }, rollout, candidate);
        },
        maxParallel,
      );
    });
  const displaces = ({ type }: ProcessGroup) => start.some((plan) => plan.type === type && plan.displaces);
  const beside = groups.filter((group) => !displaces(group));
  await startGroups(beside.filter(({ type }) => type === "web"));
  await startGroups(beside.filter(({ type }) => type !== "web"));
  // Last, when nothing else can fail: the old process is down until the candidate is healthy.
  await startGroups(groups.filter(displaces));
  return candidates;
}
