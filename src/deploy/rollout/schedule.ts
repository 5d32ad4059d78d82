import { launcherOfImage } from "../../app/buildpacks.ts";
import { parseEnvList } from "../../app/env.ts";
import { inspectContainer, renameContainer, startContainer, stopContainer } from "../../engine/containers.ts";
import { inspectImage } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { isConnectionLoss, isRefusal } from "../../errors/engine.ts";
import { because, warning } from "../../errors/error.ts";
import { COMING, LEAVING } from "../../identity/names.ts";
import { pollUntilReconnected, retryUntilReconnected } from "../../oneoff/session/reconnect.ts";
import type { DeployApp, Release } from "../../release/release.ts";
import { formationOf, type ProcessGroup } from "./formation.ts";
import type { HealthContext } from "./health.ts";
import { together } from "./parallel.ts";
import { checkGroups, displacedBy, type ProcessPlans, planProcesses } from "./process-plans.ts";
import { placeOf } from "./process-spec.ts";
import { retireAll } from "./retire.ts";
import { listStanding, recover, type Standing } from "./running-processes.ts";
import type { Scale } from "./scale.ts";
import { announceComing, bringUp, type Coming, createComing, removeComing, type Scheduling } from "./start-process.ts";

export interface ScheduleRequest extends Omit<Scheduling, "healthWait"> {
  readonly healthWait?: number | undefined;
  /** What `oneoff scale` has set. */
  readonly scale: Scale;
  /** Whether those stay as they are that run this very release already. */
  readonly keepRunning: boolean;
  /**
   * Called when it is what runs, before what ran until then is told to end: that may take its time. Called again where the
   * connection to the engine is lost meanwhile.
   */
  onLive?(): Promise<void>;
}

/** How many of what would run. @throws OneoffError for what cannot: to be asked before anything is touched. */
export function requestedFormation(
  app: DeployApp,
  release: Pick<Release, "procfile" | "appJson"> | undefined,
  scale: Scale,
): ProcessGroup[] {
  const { formation: described } = app.settings;
  const { procfile = new Map(), appJson } = release ?? {};
  const proposed = appJson?.formation ?? new Map();
  const groups = formationOf({ app: app.name, procfile, proposed, described, scale });
  if (release) checkGroups(app, groups);
  return groups;
}

/**
 * Makes a release what runs. All that is new is started beside what is old, under other names and where no proxy finds
 * it; when all of it is well it takes the names and the places of the old, which then ends with grace. Only what needs a
 * port of the host for itself is started after the old one was stopped.
 *
 * Until everything is well whatever fails, or ends us, takes the new away and leaves the old as it was. After that there
 * is no way back: what is still to be done is done, also when we are told to end. Where we are killed, names alone say
 * how far it came, and the next to come completes it, or takes it back.
 */
export async function schedule(context: HealthContext, request: ScheduleRequest): Promise<void> {
  const { engine, report, signal } = context;
  const { app, release, scale, keepRunning, healthWait, failedImage, onLive } = request;
  const groups = requestedFormation(app, release, scale);
  if (!groups.some(({ type }) => type === "web")) {
    report({ type: "process-skipped", app: app.name, processType: "web" });
  }
  const { Config } = await inspectImage(engine, release.imageId);
  const { drain } = app.settings.processes ?? {};
  const standing = await recover({ ...context, drain }, app.name);
  const plans = planProcesses({
    app,
    groups,
    imageEnv: parseEnvList(Config?.Env ?? []),
    launcher: launcherOfImage(Config ?? {}),
    standing,
    keeps: (one) => keepRunning && one.release === release.number,
  });
  for (const { name } of plans.keep) report({ type: "process", app: app.name, name, state: "unchanged" });
  signal.throwIfAborted();
  await using undo = new AsyncDisposableStack();
  const scheduling = { app, release, healthWait, ...(failedImage !== undefined && { failedImage }) };
  const coming = await replace(context, scheduling, groups, plans, undo).catch(async (error) => {
    // One that was only started anew can still take back what is new.
    if (isConnectionLoss(error)) await pollUntilReconnected(engine, () => listStanding(engine, app.name));
    throw error;
  });
  undo.move();
  const failed = await failureOf(retryUntilReconnected(engine, async () => onLive?.()));
  if (failed === undefined) {
    for (const { name } of coming) report({ type: "process", app: app.name, name, state: "live" });
  }
  // What runs is new whatever came of that: the old must not run beside it.
  if (!isConnectionLoss(failed)) await retireAll({ ...context, drain }, plans.leave);
  if (failed !== undefined) throw failed;
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

async function replace(
  context: HealthContext,
  scheduling: Scheduling,
  groups: readonly ProcessGroup[],
  plans: ProcessPlans,
  undo: AsyncDisposableStack,
): Promise<Coming[]> {
  const coming = await bringAllUp(context, scheduling, groups, plans, undo);
  // One after the other, for each is to get its own address back.
  for (const one of coming) await announceComing(context, scheduling, one);
  context.signal.throwIfAborted();
  await switchOver(context, scheduling.app.name, plans.leave, coming, undo);
  return coming;
}

async function bringAllUp(
  context: HealthContext,
  scheduling: Scheduling,
  groups: readonly ProcessGroup[],
  { start, leave }: ProcessPlans,
  undo: AsyncDisposableStack,
): Promise<Coming[]> {
  const { engine, signal } = context;
  const { app } = scheduling;
  const all: Coming[] = [];
  const bringUpAll = (types: readonly ProcessGroup[]) =>
    together(signal, types, async ({ type, maxParallel }, signal) => {
      const plans = start.filter((plan) => plan.type === type);
      await together(
        signal,
        plans,
        async (plan, signal) => {
          const coming = await createComing(context, scheduling, plan);
          all.push(coming);
          undo.defer(() => removeComing(context, app, coming));
          for (const one of displacedBy(app, type, leave)) {
            undo.defer(async () => {
              // It has what that one needs.
              await removeComing(context, app, coming);
              await quietly(context, one, "started again", startContainer(engine, one.id));
            });
            await stopContainer(engine, one.id);
          }
          await bringUp({ ...context, signal }, scheduling, coming);
        },
        maxParallel,
      );
    });
  const displaces = ({ type }: ProcessGroup) => start.some((plan) => plan.type === type && plan.displaces);
  const beside = groups.filter((group) => !displaces(group));
  await bringUpAll(beside.filter(({ type }) => type === "web"));
  await bringUpAll(beside.filter(({ type }) => type !== "web"));
  // When nothing else can fail any more: the old one is down for as long as this takes.
  await bringUpAll(groups.filter(displaces));
  return all;
}

/** From here on nobody is asked whether to go on: it takes a moment only. */
async function switchOver(
  context: HealthContext,
  app: string,
  leaving: readonly Standing[],
  coming: readonly Coming[],
  undo: AsyncDisposableStack,
): Promise<void> {
  const { engine } = context;
  const rename = async (id: string, name: string, from: string, to: string) => {
    const place = placeOf(app, name);
    // Deferred before it is done: where the answer is lost, it may have been done.
    undo.defer(() => quietly(context, { app, name }, "renamed", renameBack(engine, id, `${place}${to}`, place + from)));
    await renameContainer(engine, id, `${place}${to}`);
  };
  for (const { id, name } of leaving) await rename(id, name, "", LEAVING);
  for (const { id, name } of coming) await rename(id, name, COMING, "");
}

async function renameBack(engine: Transport, id: string, name: string, former: string): Promise<void> {
  const { Name } = await inspectContainer(engine, id);
  if (Name.replace(/^\//, "") === name) await renameContainer(engine, id, former);
}

/** What went wrong first is what is told. */
async function quietly(
  { report }: Pick<HealthContext, "report">,
  { app, name }: Pick<Standing, "app" | "name">,
  what: string,
  work: Promise<void>,
): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (isRefusal(error, 404)) return;
    report(warning(because(`${name} of ${app} could not be ${what}`, error)));
  }
}
