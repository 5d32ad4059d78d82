import { ONEOFF_LABELS, subscribeToEvents } from "../journal/oneoff-events.ts";
import { followLogs } from "./follow-logs.ts";
import type { LogLine } from "./log-lines.ts";
import { type LogRequest, type LogRequestContext, resolveLog } from "./log-request.ts";
import { isOneoffName } from "./log-scope.ts";
import { MergeWindow } from "./merge-window.ts";
import { missingOutputReason } from "./output-lines.ts";
import { readHistory } from "./read-history.ts";

/** Timers with a longer time fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface LogsContext extends LogRequestContext {
  /** Ends following. */
  readonly signal: AbortSignal;
  /** Opens the output for a one-off, or for an app with these processes. */
  readonly open: (kind: "one-off" | "app", names: readonly string[]) => Emit;
}

/** Writes lines. Resolves when more can be written. */
export type Emit = (lines: readonly LogLine[]) => Promise<void>;

/** Emits the log of a one-off or an app, then new lines until the one-off exits or the signal is aborted. */
export async function readLogs(context: LogsContext, request: LogRequest): Promise<void> {
  const { engine, report, signal } = context;
  let refresh = () => {};
  const filters = {
    event: ["start", "die", "destroy"],
    ...(isOneoffName(request.word ?? "") && { label: ONEOFF_LABELS }),
  };
  // Subscribed first, so that no start or exit is missed while the history is read.
  using events = request.follow ? await subscribeToEvents(engine, filters, () => refresh()) : undefined;
  const { scope, selection, journalled, readNewEntries } = await resolveLog(context, request);
  const { oneoff, oneoffs, processes, swarm } = scope;
  const emit = context.open(
    oneoff ? "one-off" : "app",
    [...oneoffs, ...processes, ...(swarm?.tasks ?? [])].map(({ name }) => name),
  );
  const history = await readHistory({ engine, report, signal, emit }, scope, journalled, selection);
  const reason = oneoff && !swarm && missingOutputReason(history.containers[0], journalled);
  if (oneoff && reason) report({ type: "no-output", name: oneoff.name, reason });
  const remainingMs = Date.parse(selection.until ?? "") - engine.clock.now() * 1000;
  if (!events || remainingMs <= 0) return;
  const ends = Number.isNaN(remainingMs) ? [] : [AbortSignal.timeout(Math.min(remainingMs, MAX_TIMER_MS))];
  using window = new MergeWindow(emit);
  const follow = {
    ...{ engine, report, readNewEntries, events },
    signal: AbortSignal.any([signal, ...ends]),
    order: window,
    emit: oneoff ? (_: string, lines: readonly LogLine[]) => emit(lines) : window.push.bind(window),
    onReconnect: (callback: () => void) => {
      refresh = callback;
    },
  };
  await followLogs(follow, scope, history, selection);
  await window.flush();
}
