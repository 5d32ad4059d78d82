import { once } from "node:events";
import type { Writable } from "node:stream";
import type { Transport } from "../../engine/transport.ts";
import { unexpectedWord } from "../../errors/cli.ts";
import { conflictingOptions } from "../../errors/error.ts";
import { isNoLog, nothingToLog } from "../../errors/oneoff.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import type { LogRequest } from "../../oneoff/logs/log-request.ts";
import { copyRawLog } from "../../oneoff/logs/raw-log.ts";
import { readLogs } from "../../oneoff/logs/read-logs.ts";
import { type LogRecord, logJson, logLine, prefixedLines } from "../../output/log-line.ts";
import { command, type Flags } from "../command.ts";
import { wantsJson } from "../common-options.ts";
import type { Context } from "../context.ts";
import { nodeEngines } from "../node-engines.ts";
import { tableStyle } from "../table-style.ts";
import { logsOptions, toSelection } from "./logs-options.ts";
import { untilSignalled } from "./until-signalled.ts";

/** A restart of the engine, which waits for the end of containers. */
const RESTART_MS = 60_000;

type LogsFlags = Flags<typeof logsOptions>;

export const logsCommand = command({
  options: logsOptions,
  usage: "oneoff logs [options] <app, process or run.N> [process]",
  completions: ["logged", "type"],
  describe: "Show what an app writes: its processes and one-offs",
  topic: "logs",
  examples: [
    ["oneoff logs -f my-app", "follow all processes and one-offs of an app"],
    ["oneoff logs my-app web", "the last 100 lines of one process type"],
    ["oneoff logs --since 1h --grep 'ERROR|WARN' my-app", "errors and warnings"],
    ["oneoff logs --raw run.7364 >report.csv", "the output of a one-off, byte for byte"],
    ["oneoff logs --since 1h --format json my-app", "one JSON object per line"],
  ],
  most: 2,
  handle: (flags, args, context) => logs(flags, args, context, "logs"),
});

export const runLogsCommand = command({
  ...logsCommand,
  usage: "oneoff run:logs [options] <app, process or run.N> [process]",
  describe: "Show what an app writes (same as logs)",
  handle: (flags, args, context) => logs(flags, args, context, "run:logs"),
});

/** @param typed the command's name as typed. */
async function logs(flags: LogsFlags, args: readonly string[], context: Context, typed: string): Promise<number> {
  const json = wantsJson(flags.format, typed);
  if (json && flags.raw) throw conflictingOptions("--raw", "--format json");
  if (args.length === 0 && flags.app === undefined) throw nothingToLog();
  const [app, word, more] = flags.app === undefined && args.length === 2 ? args : [flags.app, ...args];
  if (more !== undefined) throw unexpectedWord(more, typed);
  const request = { word, app, follow: (flags.follow || flags.tail) ?? false, select: toSelection(flags, typed) };
  return await untilSignalled(context.terminal, (signal) => print(flags, request, context, signal));
}

async function print(flags: LogsFlags, request: LogRequest, context: Context, signal: AbortSignal): Promise<void> {
  const { terminal } = context;
  const { style } = tableStyle(context, flags);
  const formatFor = (kind: "one-off" | "app", names: readonly string[]) => {
    if (flags.format === "json") return logJson;
    return kind === "one-off" ? logLine : prefixedLines(names, style, { timestamps: flags.timestamps ?? false });
  };
  const report = context.report(flags);
  const printFrom = async (engine: Transport) => {
    const logs = {
      engine,
      journal: context.openJournal(engine),
      report,
      findManifest: () => findManifest(flags.config, context),
    };
    if (flags.raw) return await copyRawLog({ ...logs, terminal }, request);
    await readLogs(
      { ...logs, signal, open: (kind, names) => emitter(terminal.stdout, formatFor(kind, names)) },
      request,
    );
  };
  await using engine = context.openEngine(flags, request.follow ? { reconnect: RESTART_MS } : {});
  try {
    await printFrom(engine);
  } catch (error) {
    if (!isNoLog(error)) throw error;
    await using engines = nodeEngines(context, flags.config, report);
    const { findHeldOneoff } = await import("../../oneoff/swarm/tasks/reach-task.ts");
    const oneoff = await findHeldOneoff(engine, request, "logs", engines.find);
    if (!oneoff) throw error;
    await printFrom(oneoff.engine);
  }
}

/** Waits while the reader is slow. */
const emitter = (stdout: Writable, format: (line: LogRecord) => string) => async (lines: readonly LogRecord[]) => {
  if (lines.length === 0 || stdout.write(lines.map(format).join(""))) return;
  // A failed write ends the process elsewhere.
  await once(stdout, "drain").catch(() => {});
};
