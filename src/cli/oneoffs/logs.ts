import { once } from "node:events";
import type { Writable } from "node:stream";
import { didYouMean } from "../../app/did-you-mean.ts";
import type { Transport } from "../../engine/transport.ts";
import { contradiction } from "../../errors/error.ts";
import { noLog, nothingToLog, rawNeedsOneoff, unknownOneoff } from "../../errors/oneoff.ts";
import { nameOf } from "../../oneoff/apps/find.ts";
import { isIdleApp } from "../../oneoff/apps/idle-app.ts";
import { type Found, findManifest } from "../../oneoff/apps/manifest-file.ts";
import { oneoffEvents } from "../../oneoff/journal/oneoff-events.ts";
import { followLogs } from "../../oneoff/logs/follow-logs.ts";
import type { LogLine } from "../../oneoff/logs/lifecycle.ts";
import { findLogScope, type LogScope, processScope } from "../../oneoff/logs/log-scope.ts";
import { copyLog, whyNoOutput } from "../../oneoff/logs/raw-log.ts";
import { readPast, type Wanted } from "../../oneoff/logs/read-past.ts";
import { logJson, logLine } from "../../output/log-line.ts";
import { command, type Flags } from "../command.ts";
import { wantsJson } from "../common-options.ts";
import type { Context } from "../context.ts";
import { logsOptions, toWanted } from "./logs-options.ts";
import { untilSignalled } from "./until-signalled.ts";

type LogsFlags = Flags<typeof logsOptions>;

/** How many lines are written together. */
const AT_ONCE = 1000;

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

/** @param typed what it was called. */
async function logs(flags: LogsFlags, [word]: readonly string[], context: Context, typed: string): Promise<number> {
  const json = wantsJson(flags.format, typed);
  if (json && flags.raw) throw contradiction("--raw", "--format json");
  if (word === undefined && flags.app === undefined) throw nothingToLog();
  const asked = { word, app: flags.app && nameOf(flags.app), wanted: toWanted(flags, typed) };
  return await untilSignalled(context.terminal, (signal) => show(flags, asked, context, signal));
}

interface Asked {
  readonly word: string | undefined;
  readonly app: string | undefined;
  readonly wanted: (now: number) => Wanted;
}

async function show(flags: LogsFlags, { word, app, wanted: wantedAt }: Asked, context: Context, signal: AbortSignal) {
  const { terminal } = context;
  const report = context.report(flags);
  await using engine = context.openEngine(flags);
  const journal = context.openJournal(engine);
  const follow = (flags.follow || flags.tail) ?? false;
  // From before anything is looked at: what begins or ends meanwhile is not to be missed.
  using events = follow && !flags.raw ? await oneoffEvents(engine) : undefined;
  const found = await findLogScope({ engine, journal }, word, app);
  const known = () => [...found.apps, ...journal.read().map((entry) => entry.app)];
  const manifest = findManifest(flags.config, context);
  const isDescribed = word === undefined || manifest?.manifest.apps.has(word);
  const written = found.scope ?? (isDescribed ? undefined : await processScope(engine, word, app));
  const scope = written ?? (await idleScope(engine, { word, app }, manifest, known));
  if (!written) report({ type: "none-found", resource: "one-offs", app: scope.app, states: [] });
  const { one } = scope;
  const wanted = wantedAt(engine.clock.now() * 1000);
  if (flags.raw && !one) throw rawNeedsOneoff(scope.app);
  const news = journal.follow(scope.app);
  const journalled = news().filter(({ containerId }) => !one || containerId === one.id);
  if (flags.raw && one) return await copyLog({ engine, report, terminal }, one, journalled, { ...wanted, follow });
  const past = await readPast({ engine, report, signal }, scope, journalled, wanted);
  const fate = one && whyNoOutput(past.logged[0], journalled);
  if (fate) report({ type: "no-output", name: one.name, reason: fate });
  const emit = emitter(terminal.stdout, flags.format === "json" ? logJson : logLine);
  for (let at = 0; at < past.lines.length; at += AT_ONCE) await emit(past.lines.slice(at, at + AT_ONCE));
  if (events) await followLogs({ engine, report, signal, news, events, emit }, scope, past, wanted);
}

/** Waits while the reader is slow. */
const emitter = (stdout: Writable, format: (line: LogLine) => string) => async (lines: readonly LogLine[]) => {
  if (lines.length === 0 || stdout.write(lines.map(format).join(""))) return;
  // That it cannot be written to any more ends everything.
  await once(stdout, "drain").catch(() => {});
};

/** An app that has had no one-off yet. @param known apps that have. @throws OneoffError when there is no such app. */
async function idleScope(
  engine: Transport,
  { word, app }: Pick<Asked, "word" | "app">,
  manifest: Found | undefined,
  known: () => readonly string[],
): Promise<LogScope> {
  if (word !== undefined && app !== undefined) throw unknownOneoff(word, app);
  const name = app ?? word ?? "";
  if (await isIdleApp(engine, name, manifest)) return { app: nameOf(name), one: undefined, oneoffs: [] };
  throw noLog(name, didYouMean(name, [...known(), ...(manifest?.manifest.apps.keys() ?? [])]));
}
