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
import { processNotStarted, processUnwell } from "../../errors/processes.ts";
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

/** What processes are started of. */
export interface Rollout {
  readonly app: DeployApp;
  readonly release: Release;
  /** In seconds, where somebody has said so. */
  readonly healthWait: number | undefined;
  /** A tag of the release that stays when it does not go live; undefined where it is live. */
  readonly failedImage?: string;
}

/** A process that is not in its place yet. */
export interface Candidate {
  /** Another one's, where the engine had no init for the first. */
  id: string;
  hasInit: boolean;
  readonly plan: ProcessPlan;
  /** `web.1` */
  readonly name: string;
  /** Whether a proxy finds it already. */
  hasAliases: boolean;
}

/** Beside what has its place now: under a name of its own, and where nobody finds it. */
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
  const chosen = hasInit ? body : { ...body, HostConfig: { ...body.HostConfig, Init: false } };
  const place = `${processContainerName(app.name, processName(plan))}${NEW_SUFFIX}`;
  const { Id, Warnings } = await createContainer(engine, place, chosen);
  for (const text of Warnings ?? []) report(warning(text));
  return { id: Id, hasInit };
}

/** @param run given whether the process has the init that its settings ask for; what they do not ask for is no matter. */
function withChosenInit<T>(context: HealthContext, { app }: Rollout, run: (init: boolean) => Promise<T>) {
  const { init } = app.settings;
  return init === false ? run(true) : withInit(context, init === true, run);
}

/** Starts it, and waits until it is well. */
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

/** @returns how it ends, in an object: it is not waited for. */
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

/** How often one is started again whose address somebody else has taken while it joined its networks. */
const MAX_ADDRESS_ATTEMPTS = 3;

/** From here on a proxy finds it. */
export async function addCandidateAliases(
  context: HealthContext,
  rollout: Rollout,
  candidate: Candidate,
): Promise<void> {
  const { engine, report } = context;
  const { name: app } = rollout.app;
  if (candidate.hasAliases || !networksOf(rollout.app).some(isNamedNetwork)) return;
  for (let tries = 0; tries < MAX_ADDRESS_ATTEMPTS; tries += 1) {
    candidate.hasAliases = true;
    if (await addAliases(engine, app, candidate.plan.type, candidate.id)) return;
    // What it has connected to, such as its database, would wait for it at an address that is not its own any more.
    report(warning(`The address of ${candidate.name} of ${app} has changed; restarting it`));
    await removeAliases(engine, app, await inspectContainer(engine, candidate.id));
    candidate.hasAliases = false;
    await stopContainer(engine, candidate.id, 0);
    const exit = await startWatched(engine, candidate.id).catch((error: unknown) => {
      throw processNotStarted(app, candidate.name, error);
    });
    await waitUntilHealthy(context, rollout, candidate, exit);
  }
  throw processUnwell(app, candidate.name, "others have taken its address each time it was to be found", []);
}

/** Nothing that is the matter with it hides why it is not wanted. */
export async function removeCandidate(
  { engine, report }: HealthContext,
  app: DeployApp,
  candidate: Candidate,
): Promise<void> {
  const { id, name, plan } = candidate;
  try {
    // Where somebody may be talking with it already, it ends as others do.
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
