import { mergeEntries, toEngineEntries } from "../journal/engine-entries.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { Lifecycles, type LogLine } from "./log-lines.ts";
import type { LogSelection } from "./log-request.ts";
import type { LogScope } from "./log-scope.ts";
import { LastLines, mergeLines } from "./merge-lines.ts";
import { type InspectedOneoff, inspectOneoff, type ReadContext, readOutputLines, toLogRange } from "./output-lines.ts";

/** A log up to now. */
export interface History {
  readonly lines: readonly LogLine[];
  /** The state of each one-off after these lines. */
  readonly lifecycles: Lifecycles;
  readonly oneoffs: readonly InspectedOneoff[];
  /** The time of the last output line, by container. */
  readonly lastWritten: ReadonlyMap<string, string>;
}

/**
 * Reads steps and output of the one-offs, ordered by time.
 * @param journalled their journal entries.
 */
export async function readHistory(
  context: ReadContext,
  { oneoffs }: LogScope,
  journalled: readonly JournalEntry[],
  selection: LogSelection,
): Promise<History> {
  const { count, since } = selection;
  const range = toLogRange(selection);
  const last = new LastLines(count);
  const lifecycles = new Lifecycles();
  const inspectedOneoffs: InspectedOneoff[] = [];
  const lastWritten = new Map<string, string>();
  const entries = Map.groupBy(journalled, ({ containerId }) => containerId);
  const byId = new Map(oneoffs.map((oneoff) => [oneoff.id, oneoff]));
  // Newest first: then the output of old one-offs may not be needed.
  const newestFirst = oneoffs.toSorted((a, b) => b.created - a.created);
  for (const id of new Set([...newestFirst.map(({ id }) => id), ...entries.keys()])) {
    const oneoff = byId.get(id);
    const inspected = oneoff && (await inspectOneoff(context.engine, oneoff));
    const life = mergeEntries(
      entries.get(id) ?? [],
      oneoff && inspected ? toEngineEntries(oneoff, inspected.details) : [],
    );
    const steps = life.flatMap((entry) => lifecycles.lines(entry));
    if (inspected) inspectedOneoffs.push(inspected);
    const output =
      inspected && mayHaveLastLine(inspected, last, since) ? readOutputLines(context, inspected, range) : noOutput();
    for await (const line of mergeLines(steps, output)) {
      if (since === undefined || line.time >= since) last.add(line);
      if (line.source === "app") lastWritten.set(id, line.time);
    }
  }
  return { lines: last.all(), lifecycles, oneoffs: inspectedOneoffs, lastWritten: lastWritten };
}

/** Whether it may have written one of the last lines. */
function mayHaveLastLine({ details }: InspectedOneoff, last: LastLines, since = ""): boolean {
  const { Running, FinishedAt = "" } = details.State;
  return Running ? last.needs(ALWAYS) : FinishedAt >= since && last.needs(FinishedAt);
}

/** Later than any time. */
const ALWAYS = "9999";

async function* noOutput(): AsyncGenerator<never[]> {}
