import { addAbortListener } from "node:events";
import { setTimeout } from "node:timers/promises";
import type { ContainerEvent } from "../../engine/events.ts";
import type { LogRange } from "../../engine/logs.ts";
import { LABEL } from "../../identity/labels.ts";
import { isOwnName } from "../../identity/ownership.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { eventEntries } from "../journal/life.ts";
import { followLines } from "./followed-lines.ts";
import type { LogLine } from "./lifecycle.ts";
import type { LogScope } from "./log-scope.ts";
import { type Logged, logTime, nextInstant, type ReadingContext } from "./output-lines.ts";
import { inspected, type Past, type Wanted } from "./read-past.ts";

/** How often the journal is looked at, in milliseconds. */
const EVERY = 250;

export interface FollowContext extends ReadingContext {
  /** What has come to the journal since it was asked last. */
  readonly news: () => readonly JournalEntry[];
  /** Of one-offs, from before the past was read. */
  readonly events: AsyncIterable<ContainerEvent>;
  /** Resolves when there is room for more. */
  readonly emit: (lines: readonly LogLine[]) => Promise<void>;
}

/**
 * Goes on where the past ends: with what is written, what the journal gets, and what the engine tells of one-offs that are
 * run by others. Over when the one that is meant has ended; for an app, when the signal is aborted.
 */
export async function followLogs(context: FollowContext, scope: LogScope, past: Past, wanted: Wanted): Promise<void> {
  const { news, events, emit, signal } = context;
  const { one } = scope;
  if (one && (past.logged.length === 0 || past.lifecycles.isOver(one.id))) return;
  const over = Promise.withResolvers<void>();
  using _aborted = addAbortListener(signal, () => over.resolve());
  const fail = (error: unknown) => (signal.aborted ? undefined : over.reject(error));
  const isMeant = (container: string, app: string | undefined) => (one ? container === one.id : app === scope.app);
  /** What is being written, by container: its end comes before that of the life. */
  const writing = new Map<string, Promise<void>>();

  const started = new Set(past.logged.filter(hasStarted).map(({ id }) => id));

  const write = async (logged: Promise<Logged | undefined>, range: LogRange) => {
    const found = await logged;
    if (!found) return;
    await followLines(context, found, range, emit);
  };
  const tell = async (entry: JournalEntry) => {
    if (entry.event === "exited") await writing.get(entry.containerId);
    await emit(past.lifecycles.lines(entry));
    if (one && entry.event === "exited") over.resolve();
  };
  const tellNews = () => {
    for (const entry of news()) if (isMeant(entry.containerId, entry.app)) tell(entry).catch(fail);
  };
  const hear = async () => {
    for await (const event of events) {
      const { ID: id, Attributes } = event.Actor;
      const { [LABEL.app]: app = "", [LABEL.name]: name = "" } = Attributes;
      if (!isMeant(id, app) || !isOwnName(Attributes.name ?? "", Attributes)) continue;
      // An event from before the past was read may come after a reconnect.
      if (event.Action === "start" && !writing.has(id) && !started.has(id)) {
        writing.set(id, write(inspected(context.engine, { id, app, name }), {}).catch(fail));
      }
      // What was done to it was written down before it was done.
      tellNews();
      for (const entry of eventEntries(event)) tell(entry).catch(fail);
      if (one && event.Action === "destroy") Promise.resolve(writing.get(id)).then(() => over.resolve());
    }
  };
  const look = async () => {
    for (;;) {
      await setTimeout(EVERY, undefined, { signal });
      tellNews();
    }
  };

  for (const found of past.logged) {
    if (!found.details.State.Running) continue;
    writing.set(found.id, write(Promise.resolve(found), rangeAfter(past.written.get(found.id), wanted)).catch(fail));
  }
  if (scope.isProcess && one) writing.get(one.id)?.then(() => over.resolve());
  hear().catch(fail);
  look().catch(fail);
  await over.promise;
}

/** What comes after the past. @param last when its last line was written. */
function rangeAfter(last: string | undefined, { count, since }: Wanted): LogRange {
  if (last !== undefined) return { since: nextInstant(logTime(last)) };
  if (count === 0) return { tail: 0 };
  return { since: since && logTime(since) };
}

const hasStarted = ({ details }: Logged) => details.State.Status !== "created";
