import { isAppName } from "../../app/app-name.ts";
import { type CronTask, taskId } from "../../app/cron/cron-task.ts";
import { nextRun } from "../../app/cron/next-run.ts";
import { scheduleInWords } from "../../app/cron/words.ts";
import { maskCommand } from "../../app/secrets/mask.ts";
import type { Transport } from "../../engine/transport.ts";
import { badAppName } from "../../errors/app.ts";
import { cronSeries } from "../../identity/names.ts";
import { listApps } from "../../oneoff/apps/app-list.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import { LISTED_STATES, type ListedOneoff } from "../../oneoff/lookup/listed.ts";
import { addExitTimes, readListing } from "../../oneoff/lookup/listing.ts";
import { printJson, printText } from "../../output/print.ts";
import { formatList } from "../../output/table.ts";
import { formatDuration, formatTime, formatTimestamp } from "../../output/units.ts";
import { command } from "../command.ts";
import { appOption, commonOptions, configOption, formatOption, wantsJson } from "../common-options.ts";
import type { Context } from "../context.ts";
import { tableStyle } from "../table-style.ts";
import { readTasks } from "./app-tasks.ts";

/** A task with its past and its future. */
interface ListedTask {
  readonly app: string;
  readonly id: string;
  readonly task: CronTask;
  readonly words: string;
  /** In milliseconds since 1970; undefined for a suspended task. */
  readonly next: number | undefined;
  readonly last: ListedOneoff | undefined;
}

export const cronCommand = command({
  options: { ...appOption, ...configOption, ...formatOption, ...commonOptions },
  topic: "cron",
  usage: "oneoff cron [options] [app]",
  completions: ["app"],
  describe: "List scheduled tasks with their last and next runs",
  examples: [
    ["oneoff cron", "the tasks of all apps"],
    ["oneoff cron --format json my-app", "for a script"],
  ],
  most: 1,
  async handle(flags, args, context) {
    const json = wantsJson(flags.format, "cron");
    const app = flags.app ?? args[0];
    if (app !== undefined && !isAppName(app)) throw badAppName(app);
    await using engine = context.openEngine(flags);
    const apps = app === undefined ? await appsWithTasks(engine, context, flags.config) : [app];
    const listed = (await Promise.all(apps.map((one) => listTasks(engine, context, one, flags.config)))).flat();
    const { stdout } = context.terminal;
    if (json) printJson(stdout, listed.map(toJson), 2);
    else if (listed.length === 0)
      context.report(flags)({ type: "none-found", app, resource: "scheduled tasks", states: [] });
    else {
      const now = engine.clock.now();
      const headings = ["ID", "SCHEDULE", "IN WORDS", "NEXT RUN", "LAST RUN", "COMMAND"];
      printText(stdout, listed, (tasks) =>
        formatList(
          app === undefined ? ["APP", ...headings] : headings,
          tasks.map((one) => [...(app === undefined ? [one.app] : []), ...toRow(one, now)]),
          tableStyle(context, flags),
        ),
      );
    }
    return 0;
  },
});

/** Only oneoff.yaml and releases have tasks. */
const appsWithTasks = async (engine: Transport, context: Context, config: string | undefined) =>
  (await listApps(engine, await findManifest(config, context))).flatMap(({ name, from }) =>
    from === "oneoff.yaml" || from === "release" ? name : [],
  );

async function listTasks(
  engine: Transport,
  context: Context,
  app: string,
  config: string | undefined,
): Promise<ListedTask[]> {
  const { tasks } = await readTasks(engine, context, { app, config, command: "cron" });
  if (tasks.length === 0) return [];
  const query = { app, processApp: undefined, type: "run", states: LISTED_STATES };
  const listing = await readListing(engine, context.openJournal(engine), query);
  const now = engine.clock.now() * 1000;
  return await Promise.all(
    tasks.map(async (task) => {
      const id = taskId(app, task);
      const runs = listing.oneoffs.filter(({ name }) => name.startsWith(`${cronSeries(id)}.`));
      const newest = runs.sort((a, b) => b.created - a.created).slice(0, 1);
      const { oneoffs } = await addExitTimes(engine, { ...listing, oneoffs: newest });
      return {
        ...{ app, id, task, words: await scheduleInWords(task.times) },
        next: task.maintenance ? undefined : await nextRun(task.times, task.timezone, now),
        last: oneoffs[0],
      };
    }),
  );
}

function toRow({ id, task, words, next, last }: ListedTask, now: number): string[] {
  const { schedule, timezone, maintenance, command } = task;
  const zone = timezone === undefined ? "" : ` (${timezone})`;
  const nextText = maintenance ? "suspended" : next === undefined ? "never" : formatTime(next / 1000);
  return [id, schedule, `${words}${zone}`, nextText, last ? lastText(last, now) : "", maskCommand([command])];
}

function lastText({ state, code, created, ended }: ListedOneoff, now: number): string {
  const result = code === undefined ? state : `exit ${code}`;
  const duration = ended === undefined ? "" : ` in ${formatDuration(Math.round(ended - created))}`;
  return `${formatTimestamp(created, now)}: ${result}${duration}`;
}

/** Every key is always present, null if it does not apply. `id` to `maintenance` are dokku's. */
const toJson = ({ app, id, task, words, next, last }: ListedTask) => ({
  ...{ id, app, command: maskCommand([task.command]), schedule: task.schedule },
  ...{ concurrency_policy: task.policy, maintenance: task.maintenance },
  ...{ timezone: task.timezone ?? null, description: words },
  nextRun: next === undefined ? null : isoTime(next),
  lastRun: last
    ? {
        ...{ name: last.name, state: last.state, exitCode: last.code ?? null },
        startedAt: isoTime(last.created * 1000),
        finishedAt: last.ended === undefined ? null : isoTime(last.ended * 1000),
        seconds: last.ended === undefined ? null : Math.round((last.ended - last.created) * 1000) / 1000,
      }
    : null,
});

const isoTime = (milliseconds: number) => new Date(milliseconds).toISOString();
