import { oneoffEvents } from "../journal/oneoff-events.ts";
import { followLogs } from "./follow-logs.ts";
import type { LogLine } from "./log-lines.ts";
import { type LogRequest, type LogRequestContext, resolveLog } from "./log-request.ts";
import { whyNoOutput } from "./output-lines.ts";
import { readPast } from "./read-history.ts";

/** How many lines are written together. */
const BATCH_LINES = 1000;

export interface LogsContext extends LogRequestContext {
  /** Ends following. */
  readonly signal: AbortSignal;
  /** Resolves when more lines can be written. */
  readonly emit: (lines: readonly LogLine[]) => Promise<void>;
}

/** Emits start, exit and output of one-offs, then new lines until the one-off exits or the signal is aborted. */
export async function readLogs(context: LogsContext, request: LogRequest): Promise<void> {
  const { engine, report, signal, emit } = context;
  // Subscribed first, so that no start or exit is missed while the history is read.
  using events = request.follow ? await oneoffEvents(engine) : undefined;
  const { scope, selection, journalled, readNewEntries } = await resolveLog(context, request);
  const past = await readPast({ engine, report, signal }, scope, journalled, selection);
  const reason = scope.one && whyNoOutput(past.logged[0], journalled);
  if (scope.one && reason) report({ type: "no-output", name: scope.one.name, reason });
  for (let at = 0; at < past.lines.length; at += BATCH_LINES) await emit(past.lines.slice(at, at + BATCH_LINES));
  if (events) await followLogs({ engine, report, signal, readNewEntries, events, emit }, scope, past, selection);
}
