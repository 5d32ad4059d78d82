import { inspectContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { engineEntries, lifeOf } from "../journal/life.ts";
import type { Oneoff } from "../lookup/oneoff.ts";
import { Lifecycles, type LogLine } from "./lifecycle.ts";
import { inOrder, LastLines } from "./line-order.ts";
import type { LogScope } from "./log-scope.ts";
import { type Logged, logTime, outputLines, type ReadingContext } from "./output-lines.ts";

/** Which part of a log. */
export interface Wanted {
  /** How many of the last lines; Infinity for all. */
  readonly count: number;
  /** ISO 8601, UTC, with milliseconds. */
  readonly since: string | undefined;
}

/** A log up to now. */
export interface Past {
  readonly lines: readonly LogLine[];
  /** How far each life has been told. */
  readonly lifecycles: Lifecycles;
  readonly logged: readonly Logged[];
  /** The time of the last line that each has written, by container. */
  readonly written: ReadonlyMap<string, string>;
}

/**
 * What there is of the one-offs' lives and of what they have written, a line after the other by their times.
 * @param journalled what the journal has of them.
 */
export async function readPast(
  context: ReadingContext,
  { oneoffs }: LogScope,
  journalled: readonly JournalEntry[],
  { count, since }: Wanted,
): Promise<Past> {
  const last = new LastLines(count);
  const lifecycles = new Lifecycles();
  const logged: Logged[] = [];
  const written = new Map<string, string>();
  const entries = Map.groupBy(journalled, ({ containerId }) => containerId);
  const there = new Map(oneoffs.map((oneoff) => [oneoff.id, oneoff]));
  // The newest first: of those that ended long ago nothing may be wanted then.
  const newestFirst = oneoffs.toSorted((a, b) => b.created - a.created);
  for (const id of new Set([...newestFirst.map(({ id }) => id), ...entries.keys()])) {
    const oneoff = there.get(id);
    const found = oneoff && (await inspected(context.engine, oneoff));
    const life = lifeOf(entries.get(id) ?? [], oneoff && found ? engineEntries(oneoff, found.details) : []);
    const steps = life.flatMap((entry) => lifecycles.lines(entry));
    if (found) logged.push(found);
    const range = { tail: Number.isFinite(count) ? count : undefined, since: since && logTime(since) };
    const output = found && mayAdd(found, last, since) ? outputLines(context, found, range) : nothing();
    for await (const line of inOrder(steps, output)) {
      if (since === undefined || line.time >= since) last.add(line);
      if (line.source === "app") written.set(id, line.time);
    }
  }
  return { lines: last.all(), lifecycles, logged, written };
}

/** @returns undefined for one that has just gone. */
export async function inspected(engine: Transport, { id, app, name }: Pick<Oneoff, "id" | "app" | "name">) {
  try {
    return { id, app, name, details: await inspectContainer(engine, id) } satisfies Logged;
  } catch (error) {
    if (isRefusal(error, 404)) return undefined;
    throw error;
  }
}

/** Whether it may have written something that is wanted. */
function mayAdd({ details }: Logged, last: LastLines, since = ""): boolean {
  const { Running, FinishedAt = "" } = details.State;
  return Running ? last.wants(ALWAYS) : FinishedAt >= since && last.wants(FinishedAt);
}

/** Later than any time. */
const ALWAYS = "9999";

async function* nothing(): AsyncGenerator<never[]> {}
