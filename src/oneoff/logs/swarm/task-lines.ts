import type { LogRange } from "../../../engine/logs.ts";
import { warning } from "../../../errors/error.ts";
import { taskLogMissing } from "../../../errors/swarm-oneoffs.ts";
import { LABEL } from "../../../identity/labels.ts";
import { type LogEntry, utcOf } from "../../../streams/log-entries.ts";
import type { StampedLine } from "../../../streams/stamped-lines.ts";
import type { JournalEntry } from "../../journal/journal.ts";
import { isFinal, stateOfTask } from "../../swarm/tasks/task-facts.ts";
import { ChunkLines } from "../chunk-lines.ts";
import type { OutputLine } from "../log-lines.ts";
import type { ReadContext } from "../output-lines.ts";
import type { LoggedTask } from "./service-log-types.ts";
import type { TaskLog } from "./task-log.ts";

/** A task on another node, and how far its log was read. */
export interface RemoteTask {
  readonly task: LoggedTask;
  readonly log: TaskLog;
}

/** The ID in the lines of a task. */
export const lineId = ({ containerId, task }: LoggedTask) => containerId ?? task.ID;

/** Converts messages of a task to lines. Messages may end within a line. */
export function taskLines(task: LoggedTask) {
  const lines = new ChunkLines(() => "");
  const toLine = ({ time, channel, text }: StampedLine): OutputLine => ({
    ...{ source: "app", time, app: task.service.app, name: task.name, containerId: lineId(task) },
    ...{ stream: channel, text },
  });
  return {
    push: (entries: readonly LogEntry[]) =>
      entries.flatMap((entry) => lines.push({ ...entry, time: utcOf(entry) })).map(toLine),
    end: () => lines.end().map(toLine),
  };
}

/**
 * Reads the output of a task up to now. A missing part is reported.
 * @param silent nodes that do not respond: other tasks there are not asked, too.
 */
export async function* readTaskLines(
  { report, signal }: Pick<ReadContext, "report" | "signal">,
  { task, log }: RemoteTask,
  range: LogRange,
  silent: Set<string>,
): AsyncGenerator<OutputLine[]> {
  const missing = (reason: string) => report(warning(taskLogMissing(task.name, task.node, reason)));
  if (task.isNodeDown) return missing("down");
  if (silent.has(task.node)) return missing("late");
  const lines = taskLines(task);
  const messages = log.readStored(range, signal);
  try {
    for (;;) {
      const { done, value } = await messages.next();
      if (done) {
        if (value !== undefined) missing(value);
        if (value === "late") silent.add(task.node);
        break;
      }
      yield lines.push(value);
    }
    yield lines.end();
  } finally {
    await messages.return(undefined);
  }
}

/** The steps of a one-off that are known from its service, also on other machines. */
export function toTaskEntries({ service: { service, app, type }, task }: LoggedTask): JournalEntry[] {
  const { Labels } = service.Spec;
  const at = (time: string) => ({ time: new Date(time).toISOString(), app, name: type, containerId: service.ID });
  const command = Labels?.[LABEL.command] ?? "";
  const { State, Timestamp } = task.Status;
  return [
    { ...at(service.CreatedAt), event: "starting", command, detached: true },
    ...(State === "running" ? [{ ...at(Timestamp), event: "up" } as const] : []),
    ...(isFinal(task) ? [{ ...at(Timestamp), event: "exited", exitCode: stateOfTask(task.Status).code } as const] : []),
  ];
}
