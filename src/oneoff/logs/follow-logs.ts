import { addAbortListener } from "node:events";
import { setTimeout } from "node:timers/promises";
import type { ContainerEvent } from "../../engine/events.ts";
import type { LogRange } from "../../engine/logs.ts";
import { LABEL } from "../../identity/labels.ts";
import { isOwnName } from "../../identity/ownership.ts";
import { toEventEntries } from "../journal/engine-entries.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { followLines } from "./follow-lines.ts";
import type { LogLine } from "./log-lines.ts";
import type { LogSelection } from "./log-request.ts";
import type { LogScope } from "./log-scope.ts";
import {
  addNanosecond,
  hasLog,
  type InspectedOneoff,
  inspectOneoff,
  type ReadContext,
  toLogTime,
} from "./output-lines.ts";
import { type LineOrder, ProcessFollowers } from "./process-followers.ts";
import type { History } from "./read-history.ts";
import { selects } from "./selects.ts";
import { toTaskEntries } from "./swarm/task-lines.ts";
import type { WatchedTask } from "./swarm/watched-task.ts";

const JOURNAL_POLL_INTERVAL_MS = 250;

export interface FollowLogsContext extends ReadContext {
  /** The journal entries since the last call. */
  readonly readNewEntries: () => readonly JournalEntry[];
  /** Events of containers, subscribed before the history was read. */
  readonly events: AsyncIterable<ContainerEvent>;
  /** Resolves when more lines of the container can be written. */
  readonly emit: (container: string, lines: readonly LogLine[], onFailure: (error: unknown) => void) => Promise<void>;
  readonly order: LineOrder;
  /** Calls back after events may have been missed. */
  readonly onReconnect: (callback: () => void) => void;
}

/**
 * Continues after the history: with new output, new journal entries, and events of one-offs run on other machines. Ends when
 * the one-off has exited; for an app, when the signal is aborted.
 */
export async function followLogs(
  context: FollowLogsContext,
  scope: LogScope,
  history: History,
  selection: LogSelection,
): Promise<void> {
  const { engine, readNewEntries, events, signal, order, onReconnect } = context;
  const { oneoff } = scope;
  const hasOutput = history.containers.length > 0 || scope.swarm !== undefined;
  if (oneoff && (!hasOutput || history.lifecycles.isOver(oneoff.id))) return;
  const ended = Promise.withResolvers<void>();
  using _aborted = addAbortListener(signal, () => ended.resolve());
  const fail = (error: unknown) => (signal.aborted ? undefined : ended.reject(error));
  const isSelected = (container: string, app: string | undefined) =>
    oneoff ? container === oneoff.id : scope.hasOneoffs && app === scope.app;
  const emit = (container: string, lines: readonly LogLine[]) =>
    context.emit(
      container,
      lines.filter((line) => selects(selection, line)),
      fail,
    );
  const processes = scope.filter && new ProcessFollowers({ ...context, emit, onFailure: fail }, scope.filter);
  /** By container: its output is written before its exit. */
  const writing = new Map<string, Promise<void>>();

  const started = new Set(history.containers.filter(hasStarted).map(({ id }) => id));

  const write = async (inspecting: Promise<InspectedOneoff | undefined>, range: LogRange) => {
    const target = await inspecting;
    if (!target || !hasLog(target.details)) return;
    order.expect(target.id, "");
    const onJoined = () => order.caughtUp(target.id);
    await followLines(context, target, range, (lines) => emit(target.id, lines), { onJoined }).finally(onJoined);
  };
  const emitEntry = async (entry: JournalEntry) => {
    if (entry.event === "exited") await writing.get(entry.containerId);
    await emit(entry.containerId, history.lifecycles.lines(entry));
    if (oneoff && entry.event === "exited") ended.resolve();
  };
  const emitNewEntries = () => {
    for (const entry of readNewEntries()) if (isSelected(entry.containerId, entry.app)) emitEntry(entry).catch(fail);
  };
  const onOneoffEvent = (event: ContainerEvent, app: string) => {
    const { ID: id, Attributes } = event.Actor;
    const { [LABEL.name]: name = "" } = Attributes;
    // After a reconnect, an event from before the history may arrive again.
    if (event.Action === "start" && !writing.has(id) && !started.has(id)) {
      writing.set(id, write(inspectOneoff(engine, { id, app, name }), {}).catch(fail));
    }
    // The journal entry of an action is older than its event.
    emitNewEntries();
    for (const entry of toEventEntries(event)) emitEntry(entry).catch(fail);
    if (oneoff && event.Action === "destroy") Promise.resolve(writing.get(id)).then(() => ended.resolve());
  };
  const watchEvents = async () => {
    for await (const event of events) {
      const { ID: id, Attributes } = event.Actor;
      const { [LABEL.app]: app = "", [LABEL.kind]: kind } = Attributes;
      if (kind === "run" && isOwnName(Attributes.name ?? "", Attributes)) {
        if (isSelected(id, app)) onOneoffEvent(event, app);
      } else processes?.onEvent(event).catch(fail);
    }
  };
  const pollJournal = async () => {
    for (;;) {
      await setTimeout(JOURNAL_POLL_INTERVAL_MS, undefined, { signal });
      emitNewEntries();
    }
  };

  const ranges = new Map(
    history.containers.map(({ id }) => [id, toFollowRange(history.lastWritten.get(id), selection)]),
  );
  const oneoffIds = new Set(scope.oneoffs.map(({ id }) => id));
  for (const inspected of history.containers) {
    const { id, details } = inspected;
    if (oneoffIds.has(id) && details.State.Running)
      writing.set(id, write(Promise.resolve(inspected), ranges.get(id) ?? {}).catch(fail));
  }
  for (const process of scope.processes) processes?.add(process, ranges.get(process.id) ?? {});
  if (scope.swarm) {
    const { TaskFollowers } = await import("./swarm/task-followers.ts");
    const onOneoff = (watched: WatchedTask, followed: Promise<void>) => {
      const emitSteps = async () => {
        for (const entry of toTaskEntries(watched.task)) await emitEntry(entry);
      };
      writing.set(watched.task.service.service.ID, followed);
      emitSteps().catch(fail);
      const end = () => (oneoff ? ended.resolve() : undefined);
      followed.then(emitSteps).then(end, fail);
    };
    const tasks = new TaskFollowers({ ...context, emit, onFailure: fail, onOneoff }, scope.swarm);
    tasks.run((id) => toFollowRange(history.lastWritten.get(id), selection), history.taskLogs).catch(fail);
  }
  onReconnect(() => processes?.refresh().catch(fail));
  watchEvents().catch(fail);
  pollJournal().catch(fail);
  await ended.promise;
}

/** The range after the history. @param last the time of its last line. */
function toFollowRange(last: string | undefined, { count, since }: LogSelection): LogRange {
  if (last !== undefined) return { since: addNanosecond(toLogTime(last)) };
  if (count === 0) return { tail: 0 };
  return { since: since && toLogTime(since) };
}

const hasStarted = ({ details }: InspectedOneoff) => details.State.Status !== "created";
