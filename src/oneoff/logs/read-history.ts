import type { JournalEntry } from "../journal/journal.ts";
import { engineEntries, lifeOf } from "../journal/life.ts";
import { Lifecycles, type LogLine } from "./log-lines.ts";
import type { LogSelection } from "./log-request.ts";
import type { LogScope } from "./log-scope.ts";
import { inOrder, LastLines } from "./merge-lines.ts";
import { inspected, type Logged, outputLines, type ReadingContext, toLogRange } from "./output-lines.ts";

/** A log up to now. */
export interface Past {
  readonly lines: readonly LogLine[];
  /** The state of each one-off after these lines. */
  readonly lifecycles: Lifecycles;
  readonly logged: readonly Logged[];
  /** The time of the last output line, by container. */
  readonly written: ReadonlyMap<string, string>;
}

/**
 * Reads steps and output of the one-offs, ordered by time.
 * @param journalled their journal entries.
 */
export async function readPast(
  context: ReadingContext,
  { oneoffs }: LogScope,
  journalled: readonly JournalEntry[],
  selection: LogSelection,
): Promise<Past> {
  const { count, since } = selection;
  const range = toLogRange(selection);
  const last = new LastLines(count);
  const lifecycles = new Lifecycles();
  const logged: Logged[] = [];
  const written = new Map<string, string>();
  const entries = Map.groupBy(journalled, ({ containerId }) => containerId);
  const byId = new Map(oneoffs.map((oneoff) => [oneoff.id, oneoff]));
  // Newest first: then the output of old one-offs may not be needed.
  const newestFirst = oneoffs.toSorted((a, b) => b.created - a.created);
  for (const id of new Set([...newestFirst.map(({ id }) => id), ...entries.keys()])) {
    const oneoff = byId.get(id);
    const found = oneoff && (await inspected(context.engine, oneoff));
    const life = lifeOf(entries.get(id) ?? [], oneoff && found ? engineEntries(oneoff, found.details) : []);
    const steps = life.flatMap((entry) => lifecycles.lines(entry));
    if (found) logged.push(found);
    const output = found && mayAdd(found, last, since) ? outputLines(context, found, range) : nothing();
    for await (const line of inOrder(steps, output)) {
      if (since === undefined || line.time >= since) last.add(line);
      if (line.source === "app") written.set(id, line.time);
    }
  }
  return { lines: last.all(), lifecycles, logged, written };
}

/** Whether it may have written one of the last lines. */
function mayAdd({ details }: Logged, last: LastLines, since = ""): boolean {
  const { Running, FinishedAt = "" } = details.State;
  return Running ? last.wants(ALWAYS) : FinishedAt >= since && last.wants(FinishedAt);
}

/** Later than any time. */
const ALWAYS = "9999";

async function* nothing(): AsyncGenerator<never[]> {}
