import {
  connectNetwork,
  createContainer,
  inspectContainer,
  removeContainer,
  startContainer,
  stopContainer,
} from "../../engine/containers.ts";
import { isNamedNetwork } from "../../engine/networks.ts";
import { waitContainer } from "../../engine/wait.ts";
import { because, isRefusal, processNotStarted, processUnwell, warning } from "../../errors.ts";
import { COMING } from "../../oneoff/names.ts";
import type { DeployApp, Release } from "../releases/release.ts";
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
  readonly id: string;
  readonly plan: ProcessPlan;
  /** `web.1` */
  readonly name: string;
  /** Whether a proxy finds it already. */
  isAnnounced: boolean;
}

/** Beside what has its place now: under a name of its own, and where nobody finds it. */
export async function createComing(
  { engine, report }: HealthContext,
  { app, release }: Scheduling,
  plan: ProcessPlan,
): Promise<Coming> {
  const name = processName(plan);
  const place = `${placeOf(app.name, name)}${COMING}`;
  const { Id: id, Warnings } = await createContainer(engine, place, processBody(app, release, plan));
  for (const text of Warnings ?? []) report(warning(text));
  return { id, plan, name, isAnnounced: plan.displaces };
}

/** Starts it, and waits until it is well. */
export async function bringUp(context: HealthContext, scheduling: Scheduling, coming: Coming): Promise<void> {
  const { engine, report } = context;
  const { app } = scheduling;
  const { id, plan, name } = coming;
  report({ type: "process", app: app.name, name, step: "starting" });
  for (const network of networksOf(app).slice(1)) {
    const Aliases = plan.displaces && isNamedNetwork(network) ? aliasesOf(app.name, plan.type) : [];
    await connectNetwork(engine, network, id, { Aliases });
  }
  await untilWell(context, scheduling, coming);
  report({ type: "process", app: app.name, name, step: "well" });
}

async function untilWell(
  context: HealthContext,
  { app, release, failedImage, healthWait = app.settings.processes?.healthWait }: Scheduling,
  { id, plan, name }: Coming,
): Promise<void> {
  const { engine } = context;
  const { exit } = await waitContainer(engine, id, "next-exit");
  await startContainer(engine, id).catch((error: unknown) => {
    throw processNotStarted(app.name, name, error);
  });
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
    await untilWell(context, scheduling, coming);
  }
  throw processUnwell(app, coming.name, "others have taken its address each time it was to be found", []);
}

/** Nothing that is the matter with it hides why it is not wanted. */
export async function removeComing({ engine, report }: HealthContext, app: string, coming: Coming): Promise<void> {
  const { id, name, plan } = coming;
  try {
    // Where somebody may be talking with it already, it ends as others do.
    if (coming.isAnnounced && !plan.displaces)
      await retireAll({ engine, report }, [{ id, app, type: plan.type, name }]);
    else await removeContainer(engine, id);
  } catch (error) {
    if (isRefusal(error, 404, 409)) return;
    report(warning(because(`the new ${name} of ${app} could not be removed`, error)));
  }
}
