import { subscribeToOneoffs } from "../journal/oneoff-events.ts";
import { followLogs } from "./follow-logs.ts";
import type { LogLine } from "./log-lines.ts";
import { type LogRequest, type LogRequestContext, resolveLog } from "./log-request.ts";
import { missingOutputReason } from "./output-lines.ts";
import { readHistory } from "./read-history.ts";

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
  using events = request.follow ? await subscribeToOneoffs(engine) : undefined;
  const { scope, selection, journalled, readNewEntries } = await resolveLog(context, request);
  const history = await readHistory({ engine, report, signal }, scope, journalled, selection);
  const reason = scope.oneoff && missingOutputReason(history.oneoffs[0], journalled);
  if (scope.oneoff && reason) report({ type: "no-output", name: scope.oneoff.name, reason });
  for (let at = 0; at < history.lines.length; at += BATCH_LINES) await emit(history.lines.slice(at, at + BATCH_LINES));
  if (events) await followLogs({ engine, report, signal, readNewEntries, events, emit }, scope, history, selection);
}
