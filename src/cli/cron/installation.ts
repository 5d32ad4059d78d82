import { resolve } from "node:path";
import { type CronTask, taskId } from "../../app/cron/cron-task.ts";
import { crontabBlock } from "../../app/cron/crontab.ts";
import type { Entries, Launch } from "../../app/cron/launch.ts";
import { canonicalZone } from "../../app/cron/time-zone.ts";
import { unitFiles } from "../../app/cron/units.ts";
import { placeOf } from "../../engine/endpoint/endpoint.ts";
import type { EndpointOptions } from "../../engine/endpoint/endpoint-chain.ts";
import type { Transport } from "../../engine/transport.ts";
import { crontabHasNoZones, isSchedulerMissing, noLinger, notSchedulable } from "../../errors/cron.ts";
import { warning } from "../../errors/error.ts";
import { CRONTAB } from "../../host/schedulers/crontab.ts";
import { SCHEDULER_KINDS, type Scheduler, type SchedulerKind } from "../../host/schedulers/scheduler.ts";
import type { Report } from "../../output/events.ts";
import type { Context } from "../context.ts";
import type { AppTasks } from "./app-tasks.ts";

/** Folders in which oneoff finds its files and the engine. */
const FOLDERS = ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "DOCKER_CONFIG", "DOCKER_CERT_PATH"];

/** What an installation depends on. */
export interface InstallContext {
  readonly context: Context;
  readonly engine: Pick<Transport, "endpoint">;
  readonly report: Report;
  readonly flags: EndpointOptions;
}

/** What a scheduler is to store for the tasks of an app. Suspended tasks are left out. */
export function desiredEntries(
  kind: SchedulerKind,
  { app, tasks, file }: AppTasks,
  { context, engine, flags }: Omit<InstallContext, "report">,
): Entries {
  const launch: Launch = {
    argv: [
      ...context.program,
      "cron:run",
      ...engineOptions(engine, flags, context),
      ...(file === undefined ? [] : [`--config=${file}`]),
    ],
    env: passedVariables(context),
  };
  const refused = [...launch.argv, ...launch.env.flat()].find((word) => word.includes("\n"));
  const unsafe = kind === "crontab" ? undefined : context.program.find((path) => /["'\\]/.test(path));
  if (refused !== undefined || unsafe !== undefined) throw notSchedulable(refused ?? unsafe ?? "");
  const active = tasks.filter(({ maintenance }) => !maintenance);
  if (kind !== "crontab") return unitFiles(app, active, launch, kind === "systemd-user");
  for (const task of active) checkTimezone(app, task);
  const block = crontabBlock(app, active, launch);
  return new Map(block === "" ? [] : [[CRONTAB, block]]);
}

/** Variables without which a scheduler would use other files or another engine. None of them is a secret. */
function passedVariables({ env, cwd }: Context): Launch["env"] {
  const passed = (name: string, convert: (value: string) => string): Launch["env"] =>
    env[name] ? [[name, convert(env[name])]] : [];
  // Schedulers start in another folder.
  const folders = FOLDERS.flatMap((name) => passed(name, (path) => resolve(cwd, path)));
  return [...folders, ...passed("DOCKER_TLS_VERIFY", (value) => value)];
}

/** Options that find the same engine without a login. */
function engineOptions({ endpoint }: Pick<Transport, "endpoint">, flags: EndpointOptions, { env }: Context): string[] {
  switch (endpoint.from) {
    case "default":
    case "currentContext":
      return [];
    case "--context":
    case "DOCKER_CONTEXT":
      return [`--context=${flags.context ?? env.DOCKER_CONTEXT}`];
    case "--host":
    case "DOCKER_HOST":
      return [`--host=${flags.host ?? env.DOCKER_HOST}`];
    default:
      return [`--host=unix://${placeOf(endpoint)}`];
  }
}

function checkTimezone(app: string, task: CronTask): void {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const { timezone = timeZone } = task;
  if (canonicalZone(timezone) !== timeZone) throw crontabHasNoZones(app, taskId(app, task), timezone, timeZone);
}

/** The schedulers with entries of an app. Schedulers that the host does not have are skipped. */
export async function installedSchedulers(context: Context, app: string): Promise<Scheduler[]> {
  const all = SCHEDULER_KINDS.map((kind) => context.schedulers.open(kind));
  const read = await Promise.all(all.map(async (one) => ({ one, entries: await readIfPresent(one, app) })));
  return read.flatMap(({ one, entries }) => (entries.size > 0 ? one : []));
}

async function readIfPresent(scheduler: Scheduler, app: string): Promise<Entries> {
  try {
    return await scheduler.read(app);
  } catch (error) {
    if (isSchedulerMissing(error)) return new Map();
    throw error;
  }
}

/** Installs the schedules of an app in one scheduler, and removes them from all others. */
export async function installSchedules(to: InstallContext, kind: SchedulerKind, appTasks: AppTasks): Promise<void> {
  const { app } = appTasks;
  const { context, report } = to;
  const entries = desiredEntries(kind, appTasks, to);
  const others = (await installedSchedulers(context, app)).filter((other) => other.kind !== kind);
  await context.schedulers.open(kind).replace(app, entries);
  const tasks = appTasks.tasks.filter(({ maintenance }) => !maintenance).length;
  report({ type: "cron-installed", app, scheduler: kind, tasks });
  for (const other of others) await removeSchedules(other, app, report);
  const user = kind === "systemd-user" ? context.schedulers.unlingering() : undefined;
  if (user !== undefined) report(warning(noLinger(user)));
}

export async function removeSchedules(scheduler: Scheduler, app: string, report: Report): Promise<void> {
  await scheduler.replace(app, new Map());
  report({ type: "cron-removed", app, scheduler: scheduler.kind });
}

/** Compares the installed schedules with the tasks of a live release, and reports a difference. */
export async function checkSchedules(
  to: InstallContext,
  appTasks: AppTasks,
  installed: readonly Scheduler[],
): Promise<void> {
  const { app, tasks, install } = appTasks;
  for (const scheduler of installed) {
    const entries = await scheduler.read(app);
    const desired = desiredEntries(scheduler.kind, appTasks, to);
    const isCurrent = entries.size === desired.size && [...desired].every(([name, text]) => entries.get(name) === text);
    if (!isCurrent) to.report({ type: "cron-outdated", app, scheduler: scheduler.kind });
  }
  const isWanted = install !== false && tasks.some(({ maintenance }) => !maintenance);
  if (installed.length === 0 && isWanted) to.report({ type: "cron-outdated", app, scheduler: undefined });
}
