import { isAppName } from "../../app/app-name.ts";
import type { Entries } from "../../app/cron/launch.ts";
import { badAppName } from "../../errors/app.ts";
import { noApp } from "../../errors/cli.ts";
import { noSystemd, nothingScheduled } from "../../errors/cron.ts";
import { conflictingOptions } from "../../errors/error.ts";
import type { SchedulerKind } from "../../host/schedulers/scheduler.ts";
import { printText } from "../../output/print.ts";
import { command, type Flags } from "../command.ts";
import { appOption, commonOptions, configOption } from "../common-options.ts";
import type { Context } from "../context.ts";
import { readTasks } from "./app-tasks.ts";
import { desiredEntries, installedSchedulers, installSchedules, removeSchedules } from "./installation.ts";

const options = {
  ...appOption,
  ...configOption,
  crontab: { type: "boolean", describe: "Use the crontab, also where systemd runs" },
  "dry-run": { type: "boolean", describe: "Print the units or lines without installing them" },
  user: { type: "boolean", describe: "Use systemd timers of your user (default: of the system for root)" },
  ...commonOptions,
} as const;

export const cronInstallCommand = command({
  options,
  topic: "cron",
  usage: "oneoff cron:install [options] <app>",
  completions: ["app"],
  describe: "Install the schedules of an app in systemd or crontab",
  examples: [
    ["oneoff cron:install my-app", "again after a change; a deploy reports it"],
    ["oneoff cron:install --dry-run --crontab my-app", "print the lines"],
  ],
  most: 1,
  async handle(flags, args, context) {
    const app = appOf(flags, args, "cron:install");
    if (flags.user && flags.crontab) throw conflictingOptions("--user", "--crontab");
    const kind = flags.crontab ? "crontab" : flags.user ? "systemd-user" : context.schedulers.usual();
    if (flags.user && !flags["dry-run"] && context.schedulers.usual() === "crontab") throw noSystemd(app);
    await using engine = context.openEngine(flags);
    const tasks = await readTasks(engine, context, { app, config: flags.config, command: "cron:install" });
    if (tasks.tasks.length === 0 && (await installedSchedulers(context, app)).length === 0) throw nothingScheduled(app);
    const to = { context, engine, report: context.report(flags), flags };
    if (flags["dry-run"]) printEntries(context, kind, desiredEntries(kind, tasks, to));
    else await installSchedules(to, kind, tasks);
    return 0;
  },
});

export const cronRemoveCommand = command({
  options: { ...appOption, ...commonOptions },
  topic: "cron",
  usage: "oneoff cron:remove [options] <app>",
  completions: ["app"],
  describe: "Remove the schedules of an app from this host",
  examples: [["oneoff cron:remove my-app", "its tasks still run with cron:run"]],
  most: 1,
  async handle(flags, args, context) {
    const app = appOf(flags, args, "cron:remove");
    const report = context.report(flags);
    const installed = await installedSchedulers(context, app);
    for (const scheduler of installed) await removeSchedules(scheduler, app, report);
    if (installed.length === 0) report({ type: "none-found", app, resource: "installed schedules", states: [] });
    return 0;
  },
});

function appOf(flags: Pick<Flags<typeof options>, "app">, args: readonly string[], command: string): string {
  const [app] = flags.app === undefined ? args : [flags.app];
  if (app === undefined) throw noApp(command, "<app>");
  if (!isAppName(app)) throw badAppName(app);
  return app;
}

function printEntries({ schedulers, terminal }: Context, kind: SchedulerKind, entries: Entries): void {
  const scheduler = schedulers.open(kind);
  const lines = Array.from(entries, ([name, text]) => [`# ${scheduler.place(name)}`, ...text.split("\n")]).flat();
  printText(terminal.stdout, lines.slice(0, -1), (all) => all.map((line) => `${line}\n`).join(""));
}
