import { mergeEntries, toEngineEntries } from "../journal/engine-entries.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { LastLines } from "./last-lines.ts";
import { type LifecycleLine, Lifecycles, type LogLine } from "./log-lines.ts";
import type { LogSelection } from "./log-request.ts";
import type { LogScope } from "./log-scope.ts";
import { mergeLines } from "./merge-lines.ts";
import { mergeSources } from "./merge-sources.ts";
import { type InspectedOneoff, inspectOneoff, type ReadContext, readOutputLines, toLogRange } from "./output-lines.ts";
import { selects } from "./selects.ts";
import { type TimedLine, timedLines } from "./timed-lines.ts";

/** What a log contains up to now. */
export interface History {
  /** The state of each one-off after these lines. */
  readonly lifecycles: Lifecycles;
  readonly containers: readonly InspectedOneoff[];
  /** The time of the last output line, by container. */
  readonly lastWritten: ReadonlyMap<string, string>;
}

interface HistoryContext extends ReadContext {
  /** Resolves when more lines can be written. */
  readonly emit: (lines: readonly LogLine[]) => Promise<void>;
}

/** A container, or one that only the journal knows. */
interface Logged {
  readonly id: string;
  readonly inspected: InspectedOneoff | undefined;
  readonly steps: readonly LifecycleLine[];
}

/** How many lines are written together. */
const BATCH_LINES = 1000;

/**
 * Emits steps and output of one-offs and processes, ordered by time. Without a number of lines, it reads all containers in
 * parallel and holds only a chunk of each; otherwise it reads one after the other and holds that number of lines.
 * @param journalled the journal entries of the one-offs.
 */
export async function readHistory(
  context: HistoryContext,
  scope: LogScope,
  journalled: readonly JournalEntry[],
  selection: LogSelection,
): Promise<History> {
  const { emit } = context;
  const { count, since } = selection;
  const lifecycles = new Lifecycles();
  const all = await inspectAll(context, scope, journalled, lifecycles);
  const lastWritten = new Map<string, string>();
  async function* linesOf({ id, inspected, steps }: Logged): AsyncGenerator<TimedLine[]> {
    const output = inspected ? readOutputLines(context, inspected, toLogRange(selection)) : noOutput();
    const toTimed = timedLines();
    for await (const lines of mergeLines(steps, output)) {
      const last = lines.findLast(({ source }) => source === "app");
      if (last) lastWritten.set(id, last.time);
      yield toTimed(lines.filter((line) => selects(selection, line)));
    }
  }
  const last = new LastLines(count);
  /** The output of a container may not be needed, but its steps are. */
  const neededOf = (logged: Logged) =>
    mayHaveLastLine(logged, last, since) ? logged : { ...logged, inspected: undefined };
  if (Number.isFinite(count)) {
    for (const logged of all) for await (const lines of linesOf(neededOf(logged))) last.add(lines);
    const lines = last.all();
    for (let at = 0; at < lines.length; at += BATCH_LINES) await emit(lines.slice(at, at + BATCH_LINES));
  } else {
    const sources = all.map((logged) => ({ from: startOf(logged), lines: linesOf(neededOf(logged)) }));
    for await (const lines of mergeSources(sources)) await emit(lines);
  }
  return { lifecycles, containers: all.flatMap(({ inspected }) => inspected ?? []), lastWritten };
}

/** Newest first: then the output of old containers may not be needed. */
async function inspectAll(
  { engine }: HistoryContext,
  { oneoffs, processes }: LogScope,
  journalled: readonly JournalEntry[],
  lifecycles: Lifecycles,
): Promise<Logged[]> {
  const entries = Map.groupBy(journalled, ({ containerId }) => containerId);
  const existing = [...oneoffs, ...processes].toSorted((a, b) => b.created - a.created);
  const oneoffById = new Map(oneoffs.map((oneoff) => [oneoff.id, oneoff]));
  const byId = new Map(existing.map((one) => [one.id, one]));
  const all: Logged[] = [];
  for (const id of new Set([...byId.keys(), ...entries.keys()])) {
    const container = byId.get(id);
    const oneoff = oneoffById.get(id);
    const inspected = container && (await inspectOneoff(engine, container));
    const life = mergeEntries(
      entries.get(id) ?? [],
      oneoff && inspected ? toEngineEntries(oneoff, inspected.details) : [],
    );
    all.push({ id, inspected, steps: life.flatMap((entry) => lifecycles.lines(entry)) });
  }
  return all;
}

/** The journal's clock may differ from the engine's. */
function startOf({ inspected, steps }: Logged): string {
  const times = [
    ...(inspected ? [new Date(inspected.details.Created).toISOString()] : []),
    ...(steps[0] ? [steps[0].time] : []),
  ];
  return times.sort()[0] ?? "";
}

/** Whether it may have written one of the last lines. */
function mayHaveLastLine({ inspected }: Logged, last: LastLines, since = ""): boolean {
  if (!inspected) return false;
  const { Running, FinishedAt = "" } = inspected.details.State;
  return Running ? last.needs(ALWAYS) : FinishedAt >= since && last.needs(FinishedAt);
}

/** Later than any time. */
const ALWAYS = "9999";

async function* noOutput(): AsyncGenerator<never[]> {}
