import { mergeEntries, toEngineEntries } from "../journal/engine-entries.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { isFinal } from "../swarm/tasks/task-facts.ts";
import { LastLines } from "./last-lines.ts";
import { type LifecycleLine, Lifecycles, type LogLine } from "./log-lines.ts";
import type { LogSelection } from "./log-request.ts";
import type { LogScope } from "./log-scope.ts";
import { mergeLines } from "./merge-lines.ts";
import { mergeSources } from "./merge-sources.ts";
import { type InspectedOneoff, inspectOneoff, type ReadContext, readOutputLines, toLogRange } from "./output-lines.ts";
import { selects } from "./selects.ts";
import { isLocalTask } from "./swarm/service-log.ts";
import { type RemoteTask, readTaskLines, toTaskEntries } from "./swarm/task-lines.ts";
import { type TaskLog, toTaskLog } from "./swarm/task-log.ts";
import { type TimedLine, timedLines } from "./timed-lines.ts";

/** What a log contains up to now. */
export interface History {
  /** The state of each one-off after these lines. */
  readonly lifecycles: Lifecycles;
  readonly containers: readonly InspectedOneoff[];
  /** The time of the last output line, by container. */
  readonly lastWritten: ReadonlyMap<string, string>;
  /** How far the logs of tasks on other nodes were read, by task. */
  readonly taskLogs: ReadonlyMap<string, TaskLog>;
}

interface HistoryContext extends ReadContext {
  /** Resolves when more lines can be written. */
  readonly emit: (lines: readonly LogLine[]) => Promise<void>;
}

/** A container, or one that only the journal knows. */
interface Logged {
  readonly id: string;
  readonly inspected: InspectedOneoff | undefined;
  /** Set for a task on another node. */
  readonly remote?: RemoteTask;
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
  const silentNodes = new Set<string>();
  const outputOf = ({ inspected, remote }: Logged) => {
    if (remote) return readTaskLines(context, remote, toLogRange(selection), silentNodes);
    return inspected ? readOutputLines(context, inspected, toLogRange(selection)) : noOutput();
  };
  async function* linesOf(logged: Logged): AsyncGenerator<TimedLine[]> {
    const { id, steps } = logged;
    const output = outputOf(logged);
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
    mayHaveLastLine(logged, last, since) ? logged : { id: logged.id, inspected: undefined, steps: logged.steps };
  if (Number.isFinite(count)) {
    for (const logged of all) for await (const lines of linesOf(neededOf(logged))) last.add(lines);
    const lines = last.all();
    for (let at = 0; at < lines.length; at += BATCH_LINES) await emit(lines.slice(at, at + BATCH_LINES));
  } else {
    const sources = all.map((logged) => ({ from: startOf(logged), lines: linesOf(neededOf(logged)) }));
    for await (const lines of mergeSources(sources)) await emit(lines);
  }
  return {
    ...{ lifecycles, lastWritten },
    containers: all.flatMap(({ inspected }) => inspected ?? []),
    taskLogs: new Map(all.flatMap(({ remote }) => (remote ? [[remote.task.task.ID, remote.log]] : []))),
  };
}

/** Newest first: then the output of old containers may not be needed. */
async function inspectAll(
  { engine }: HistoryContext,
  { oneoffs, processes, swarm }: LogScope,
  journalled: readonly JournalEntry[],
  lifecycles: Lifecycles,
): Promise<Logged[]> {
  const entries = Map.groupBy(journalled, ({ containerId }) => containerId);
  const existing = [...oneoffs, ...processes].toSorted((a, b) => b.created - a.created);
  const oneoffById = new Map(oneoffs.map((oneoff) => [oneoff.id, oneoff]));
  const byId = new Map(existing.map((one) => [one.id, one]));
  const all: Logged[] = [];
  for (const task of swarm?.tasks ?? []) {
    const { service, containerId, name } = task;
    const { isOneoff, app } = service;
    const id = containerId ?? task.task.ID;
    const inspected = swarm && isLocalTask(swarm, task) ? await inspectOneoff(engine, { id, app, name }) : undefined;
    const life = isOneoff ? mergeEntries(entries.get(service.service.ID) ?? [], toTaskEntries(task)) : [];
    if (isOneoff) entries.delete(service.service.ID);
    const steps = life.flatMap((entry) => lifecycles.lines(entry));
    all.push({
      id,
      inspected,
      ...(!inspected && containerId && { remote: { task, log: toTaskLog(engine, task) } }),
      steps,
    });
  }
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

/** The clocks of the journal and of other nodes may differ from the engine's. */
function startOf({ inspected, steps, remote }: Logged): string {
  if (remote) return "";
  const times = [
    ...(inspected ? [new Date(inspected.details.Created).toISOString()] : []),
    ...(steps[0] ? [steps[0].time] : []),
  ];
  return times.sort()[0] ?? "";
}

/** Whether it may have written one of the last lines. */
function mayHaveLastLine({ inspected, remote }: Logged, last: LastLines, since = ""): boolean {
  if (remote) {
    const { task } = remote.task;
    const { Timestamp } = task.Status;
    return isFinal(task) ? Timestamp >= since && last.needs(Timestamp) : last.needs(ALWAYS);
  }
  if (!inspected) return false;
  const { Running, FinishedAt = "" } = inspected.details.State;
  return Running ? last.needs(ALWAYS) : FinishedAt >= since && last.needs(FinishedAt);
}

/** Later than any time. */
const ALWAYS = "9999";

async function* noOutput(): AsyncGenerator<never[]> {}
