import { once } from "node:events";
import type { Writable } from "node:stream";
import { conflictingOptions } from "../../errors/error.ts";
import { nothingToLog } from "../../errors/oneoff.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import type { LogRequest } from "../../oneoff/logs/log-request.ts";
import { copyRawLog } from "../../oneoff/logs/raw-log.ts";
import { readLogs } from "../../oneoff/logs/read-logs.ts";
import { type LogRecord, logJson, logLine } from "../../output/log-line.ts";
import { command, type Flags } from "../command.ts";
import { wantsJson } from "../common-options.ts";
import type { Context } from "../context.ts";
import { logsOptions, toSelection } from "./logs-options.ts";
import { untilSignalled } from "./until-signalled.ts";

type LogsFlags = Flags<typeof logsOptions>;

export const logsCommand = command({
  options: logsOptions,
  usage: "oneoff logs [options] <app or run.N>",
  completions: ["app or one-off"],
  describe: "Show the start, exit and output of one-offs",
  examples: [
    ["oneoff logs my-app", "the last 100 lines of all one-offs of an app"],
    ["oneoff logs --follow my-app", "and new lines until Ctrl-C"],
    ["oneoff logs --raw run.7364 >report.csv", "the output of a one-off, byte for byte"],
    ["oneoff logs --since 1h --format json my-app", "one JSON object per line"],
  ],
  most: 1,
  handle: (flags, args, context) => logs(flags, args, context, "logs"),
});

export const runLogsCommand = command({
  ...logsCommand,
  usage: "oneoff run:logs [options] <app or run.N>",
  describe: "Show the logs of one-offs (same as logs)",
  handle: (flags, args, context) => logs(flags, args, context, "run:logs"),
});

/** @param typed the command's name as typed. */
async function logs(flags: LogsFlags, [word]: readonly string[], context: Context, typed: string): Promise<number> {
  const json = wantsJson(flags.format, typed);
  if (json && flags.raw) throw conflictingOptions("--raw", "--format json");
  if (word === undefined && flags.app === undefined) throw nothingToLog();
  const follow = (flags.follow || flags.tail) ?? false;
  const request = { word, app: flags.app, follow, select: toSelection(flags, typed) };
  return await untilSignalled(context.terminal, (signal) => print(flags, request, context, signal));
}

async function print(flags: LogsFlags, request: LogRequest, context: Context, signal: AbortSignal): Promise<void> {
  const { terminal } = context;
  const report = context.report(flags);
  await using engine = context.openEngine(flags);
  const logs = {
    engine,
    journal: context.openJournal(engine),
    report,
    findManifest: () => findManifest(flags.config, context),
  };
  if (flags.raw) return await copyRawLog({ ...logs, terminal }, request);
  const emit = emitter(terminal.stdout, flags.format === "json" ? logJson : logLine);
  await readLogs({ ...logs, signal, emit }, request);
}

/** Waits while the reader is slow. */
const emitter = (stdout: Writable, format: typeof logLine) => async (lines: readonly LogRecord[]) => {
  if (lines.length === 0 || stdout.write(lines.map(format).join(""))) return;
  // A failed write ends the process elsewhere.
  await once(stdout, "drain").catch(() => {});
};
