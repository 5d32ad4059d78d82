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
import { COMING } from "../../identity/names.ts";
import { withInit } from "../../oneoff/session/init-fallback.ts";
import type { DeployApp, Release } from "../../release/release.ts";
import { announce, withdraw } from "./aliases.ts";
import { awaitHealth, type HealthContext } from "./health.ts";
import { healthPlan } from "./health-plan.ts";
import { aliasesOf, networksOf, type ProcessPlan, placeOf, processBody, processName } from "./process-spec.ts";
import { retireAll } from "./retire.ts";

/** What processes are started of. */
export interface Scheduling {
  readonly app: DeployApp;
  readonly release: Release;
  /** In seconds, where somebody has said so. */
  readonly healthWait: number | undefined;
  /** A tag of the release that stays when it does not go live; undefined where it is live. */
  readonly failedImage?: string;
}

/** A process that is not in its place yet. */
export interface Coming {
  /** Another one's, where the engine had no init for the first. */
  id: string;
  hasInit: boolean;
  readonly plan: ProcessPlan;
  /** `web.1` */
  readonly name: string;
  /** Whether a proxy finds it already. */
  isAnnounced: boolean;
}

/** Beside what has its place now: under a name of its own, and where nobody finds it. */
export async function createComing(context: HealthContext, scheduling: Scheduling, plan: ProcessPlan): Promise<Coming> {
  const created = await withChosenInit(context, scheduling, (init) => create(context, scheduling, plan, init));
  return { ...created, plan, name: processName(plan), isAnnounced: plan.displaces };
}

async function create(
  { engine, report }: HealthContext,
  { app, release }: Scheduling,
  plan: ProcessPlan,
  hasInit: boolean,
): Promise<Pick<Coming, "id" | "hasInit">> {
  const body = processBody(app, release, plan);
  const chosen = hasInit ? body : { ...body, HostConfig: { ...body.HostConfig, Init: false } };
  const place = `${placeOf(app.name, processName(plan))}${COMING}`;
  const { Id, Warnings } = await createContainer(engine, place, chosen);
  for (const text of Warnings ?? []) report(warning(text));
  return { id: Id, hasInit };
}

/** @param run given whether the process has the init that its settings ask for; what they do not ask for is no matter. */
function withChosenInit<T>(context: HealthContext, { app }: Scheduling, run: (init: boolean) => Promise<T>) {
  const { init } = app.settings;
  return init === false ? run(true) : withInit(context, init === true, run);
}

/** Starts it, and waits until it is well. */
export async function bringUp(context: HealthContext, scheduling: Scheduling, coming: Coming): Promise<void> {
  const { engine, report } = context;
  const { app } = scheduling;
  const { plan, name } = coming;
  report({ type: "process", app: app.name, name, state: "starting" });
  const exit = await withChosenInit(context, scheduling, async (init) => {
    if (coming.hasInit && !init) {
      await removeContainer(engine, coming.id);
      Object.assign(coming, await create(context, scheduling, plan, init));
    }
    for (const network of networksOf(app).slice(1)) {
      const Aliases = plan.displaces && isNamedNetwork(network) ? aliasesOf(app.name, plan.type) : [];
      await connectNetwork(engine, network, coming.id, { Aliases });
    }
    return await startWatched(engine, coming.id);
  }).catch((error: unknown) => {
    throw processNotStarted(app.name, name, error);
  });
  await untilWell(context, scheduling, coming, exit);
  report({ type: "process", app: app.name, name, state: "healthy" });
}

/** @returns how it ends, in an object: it is not waited for. */
async function startWatched(engine: Transport, id: string): Promise<{ readonly exit: Promise<WaitResult> }> {
  const waiting = await waitContainer(engine, id, "next-exit");
  await startContainer(engine, id);
  return waiting;
}

async function untilWell(
  context: HealthContext,
  { app, release, failedImage, healthWait = app.settings.processes?.healthWait }: Scheduling,
  { id, plan, name }: Coming,
  { exit }: { readonly exit: Promise<WaitResult> },
): Promise<void> {
  const checks = release.appJson.healthchecks.get(plan.type);
  const type = release.procfile.has(plan.type) ? plan.type : undefined;
  const started = { id, app: app.name, name, port: Number(plan.port), exit, type, failedImage };
  await awaitHealth(context, started, ({ State }) => healthPlan(checks, State.Health !== undefined, healthWait));
}

/** How often one is started again whose address somebody else has taken while it joined its networks. */
const TRIES = 3;

/** From here on a proxy finds it. */
export async function announceComing(context: HealthContext, scheduling: Scheduling, coming: Coming): Promise<void> {
  const { engine, report } = context;
  const { name: app } = scheduling.app;
  if (coming.isAnnounced || !networksOf(scheduling.app).some(isNamedNetwork)) return;
  for (let tries = 0; tries < TRIES; tries += 1) {
    coming.isAnnounced = true;
    if (await announce(engine, app, coming.plan.type, coming.id)) return;
    // What it has connected to, such as its database, would wait for it at an address that is not its own any more.
    report(warning(`${coming.name} of ${app} has another address now, and is started again`));
    await withdraw(engine, app, await inspectContainer(engine, coming.id));
    coming.isAnnounced = false;
    await stopContainer(engine, coming.id, 0);
    const exit = await startWatched(engine, coming.id).catch((error: unknown) => {
      throw processNotStarted(app, coming.name, error);
    });
    await untilWell(context, scheduling, coming, exit);
  }
  throw processUnwell(app, coming.name, "others have taken its address each time it was to be found", []);
}

/** Nothing that is the matter with it hides why it is not wanted. */
export async function removeComing({ engine, report }: HealthContext, app: DeployApp, coming: Coming): Promise<void> {
  const { id, name, plan } = coming;
  try {
    // Where somebody may be talking with it already, it ends as others do.
    if (coming.isAnnounced && !plan.displaces)
      await retireAll({ engine, report, drain: app.settings.processes?.drain }, [
        { id, app: app.name, type: plan.type, name },
      ]);
    else await removeContainer(engine, id);
  } catch (error) {
    if (isRefusal(error, 404, 409)) return;
    report(warning(because(`the new ${name} of ${app.name} could not be removed`, error)));
  }
}
