import {
  connectNetwork,
  createContainer,
  inspectContainer,
  removeContainer,
  startContainer,
  stopContainer,
} from "../../engine/containers.ts";
import { isNamedNetwork } from "../../engine/networks.ts";
import type { Transport } from "../../engine/transport.ts";
import type { WaitResult } from "../../engine/types.ts";
import { waitContainer } from "../../engine/wait.ts";
import { isRefusal } from "../../errors/engine.ts";
import { because, warning } from "../../errors/error.ts";
import { processNotStarted, processUnhealthy } from "../../errors/processes.ts";
import { NEW_SUFFIX } from "../../identity/names.ts";
import { withInit } from "../../oneoff/session/init-fallback.ts";
import type { DeployApp, Release } from "../../release/release.ts";
import { addAliases, removeAliases } from "./aliases.ts";
import { type HealthContext, waitForHealth } from "./health.ts";
import { healthPlan } from "./health-plan.ts";
import {
  aliasesOf,
  networksOf,
  type ProcessPlan,
  processBody,
  processContainerName,
  processName,
} from "./process-spec.ts";
import { stopOldProcesses } from "./stop-old-processes.ts";

export interface Rollout {
  readonly app: DeployApp;
  readonly release: Release;
  /** From `--health-wait`, in seconds. */
  readonly healthWait: number | undefined;
  /** A tag that the image keeps if the release fails; undefined if the release is live. */
  readonly failedImage?: string;
}

/** A new process that has not replaced the old one yet. */
export interface Candidate {
  /** Container ID. Changes if the container is created again without an init. */
  id: string;
  hasInit: boolean;
  readonly plan: ProcessPlan;
  /** `web.1` */
  readonly name: string;
  /** Whether a proxy can find it. */
  hasAliases: boolean;
}

/** Creates a container beside the old one, under a temporary name and without aliases. */
export async function createCandidate(context: HealthContext, rollout: Rollout, plan: ProcessPlan): Promise<Candidate> {
  const created = await withChosenInit(context, rollout, (init) => create(context, rollout, plan, init));
  return { ...created, plan, name: processName(plan), hasAliases: plan.displaces };
}

async function create(
  { engine, report }: HealthContext,
  { app, release }: Rollout,
  plan: ProcessPlan,
  hasInit: boolean,
): Promise<Pick<Candidate, "id" | "hasInit">> {
  const body = processBody(app, release, plan);
  const initBody = hasInit ? body : { ...body, HostConfig: { ...body.HostConfig, Init: false } };
  const containerName = `${processContainerName(app.name, processName(plan))}${NEW_SUFFIX}`;
  const { Id, Warnings } = await createContainer(engine, containerName, initBody);
  for (const text of Warnings ?? []) report(warning(text));
  return { id: Id, hasInit };
}

/** @param run receives whether to use the init of the settings. */
function withChosenInit<T>(context: HealthContext, { app }: Rollout, run: (init: boolean) => Promise<T>) {
  const { init } = app.settings;
  return init === false ? run(true) : withInit(context, init === true, run);
}

/** Starts a candidate and waits until it is healthy. */
export async function startCandidate(context: HealthContext, rollout: Rollout, candidate: Candidate): Promise<void> {
  const { engine, report } = context;
  const { app } = rollout;
  const { plan, name } = candidate;
  report({ type: "process", app: app.name, name, state: "starting" });
  const exit = await withChosenInit(context, rollout, async (init) => {
    if (candidate.hasInit && !init) {
      await removeContainer(engine, candidate.id);
      Object.assign(candidate, await create(context, rollout, plan, init));
    }
    for (const network of networksOf(app).slice(1)) {
      const Aliases = plan.displaces && isNamedNetwork(network) ? aliasesOf(app.name, plan.type) : [];
      await connectNetwork(engine, network, candidate.id, { Aliases });
    }
    return await startWatched(engine, candidate.id);
  }).catch((error: unknown) => {
    throw processNotStarted(app.name, name, error);
  });
  await waitUntilHealthy(context, rollout, candidate, exit);
  report({ type: "process", app: app.name, name, state: "healthy" });
}

/** @returns the exit in an object, so that `await` does not wait for it. */
async function startWatched(engine: Transport, id: string): Promise<{ readonly exit: Promise<WaitResult> }> {
  const waiting = await waitContainer(engine, id, "next-exit");
  await startContainer(engine, id);
  return waiting;
}

async function waitUntilHealthy(
  context: HealthContext,
  { app, release, failedImage, healthWait = app.settings.processes?.healthWait }: Rollout,
  { id, plan, name }: Candidate,
  { exit }: { readonly exit: Promise<WaitResult> },
): Promise<void> {
  const checks = release.appJson.healthchecks.get(plan.type);
  const type = release.procfile.has(plan.type) ? plan.type : undefined;
  const started = { id, app: app.name, name, port: Number(plan.port), exit, type, failedImage };
  await waitForHealth(context, started, ({ State }) => healthPlan(checks, State.Health !== undefined, healthWait));
}

/** Another container may take the address while a candidate reconnects to its networks. */
const MAX_ADDRESS_ATTEMPTS = 3;

/** Adds the aliases by which a proxy finds the candidate. */
export async function addCandidateAliases(
  context: HealthContext,
  rollout: Rollout,
  candidate: Candidate,
): Promise<void> {
  const { engine, report } = context;
  const { name: app } = rollout.app;
  if (candidate.hasAliases || !networksOf(rollout.app).some(isNamedNetwork)) return;
  for (let attempt = 0; attempt < MAX_ADDRESS_ATTEMPTS; attempt += 1) {
    candidate.hasAliases = true;
    if (await addAliases(engine, app, candidate.plan.type, candidate.id)) return;
    // Restarted because its open connections, e.g. to a database, use the old address.
    report(warning(`The address of ${candidate.name} of ${app} has changed; restarting it`));
    await removeAliases(engine, app, await inspectContainer(engine, candidate.id));
    candidate.hasAliases = false;
    await stopContainer(engine, candidate.id, 0);
    const exit = await startWatched(engine, candidate.id).catch((error: unknown) => {
      throw processNotStarted(app, candidate.name, error);
    });
    await waitUntilHealthy(context, rollout, candidate, exit);
  }
  throw processUnhealthy(app, candidate.name, "others have taken its address each time it was to be found", []);
}

/** Only warns on a failure, because the error that caused the roll back is the one to throw. */
export async function removeCandidate(
  { engine, report }: HealthContext,
  app: DeployApp,
  candidate: Candidate,
): Promise<void> {
  const { id, name, plan } = candidate;
  try {
    // It may have clients, so it stops like an old process.
    if (candidate.hasAliases && !plan.displaces)
      await stopOldProcesses({ engine, report, drain: app.settings.processes?.drain }, [
        { id, app: app.name, type: plan.type, name },
      ]);
    else await removeContainer(engine, id);
  } catch (error) {
    if (isRefusal(error, 404, 409)) return;
    report(warning(because(`the new ${name} of ${app.name} could not be removed`, error)));
  }
}
