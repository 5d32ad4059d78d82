import { PLAIN } from "./style.ts";
import { type TableStyle, truncate } from "./table.ts";
import { formatDuration, formatTimestamp } from "./units.ts";

/** A process or a one-off. Its texts have one line each. */
export interface ListedProcess {
  /** `run.7364`, `web.1` */
  readonly name: string;
  readonly state: string;
  readonly code: number | undefined;
  readonly signal: string | undefined;
  /** In seconds since 1970. */
  readonly created: number;
  /** In seconds since 1970; undefined if it has not exited or the time is unknown. */
  readonly ended: number | undefined;
  /** Undefined if the heading of the group has it. */
  readonly command: string | undefined;
  /** Of a task of a Swarm. */
  readonly task?: ListedTask | undefined;
}

export interface ListedTask {
  /** Undefined until the task has a node. */
  readonly node: string | undefined;
  /** More about the state, e.g. `pending`. */
  readonly phase: string | undefined;
  readonly error: string | undefined;
  /** Failures of earlier tasks with this name, the last one first; times in seconds since 1970. */
  readonly failures: readonly { readonly node: string | undefined; readonly error: string; readonly time: number }[];
}

export interface ProcessGroup {
  /** `run: one-off processes`, or the process type and its command. */
  readonly heading: string;
  readonly processes: readonly ListedProcess[];
}

/** @param now in seconds since 1970. */
export const processList = (
  groups: readonly ProcessGroup[],
  now: number,
  { style, columns }: TableStyle = { style: PLAIN, columns: undefined },
): string =>
  groups
    .map(({ heading, processes }) => {
      const lines = processes.flatMap((one) => [processLine(one, now, columns), ...taskLines(one, now, columns)]);
      return `${[style.heading(cut(`=== ${heading}`, columns)), ...lines].join("\n")}\n`;
    })
    .join("\n");

function processLine(
  { name, state, code, signal, created, ended, command, task }: ListedProcess,
  now: number,
  columns?: number,
) {
  const exit = state === "crashed" || state === "killed" ? (signal ?? code) : undefined;
  const runtime = ended === undefined ? "" : `, ran for ${formatDuration(ended - created)}`;
  const detail = exit ?? task?.phase;
  const node = task?.node === undefined ? "" : ` on ${task.node}`;
  const start = `${name}: ${state}${detail === undefined ? "" : ` (${detail})`}${node} ${formatTimestamp(created, now)}${runtime}`;
  if (command === undefined) return start;
  return `${start}: \`${cut(command, columns && columns - start.length - 4)}\``;
}

function taskLines({ code, task }: ListedProcess, now: number, columns?: number): string[] {
  const [last] = task?.failures ?? [];
  const lines = [
    // The state has the exit code already.
    ...(task?.error === undefined || task.error === `task: non-zero exit (${code})` ? [] : [task.error]),
    ...(last
      ? [
          `last failure${last.node === undefined ? "" : ` on ${last.node}`} ${formatTimestamp(last.time, now)}: ${last.error}`,
        ]
      : []),
  ];
  return lines.map((line) => cut(`  ${line}`, columns));
}

const cut = (text: string, columns: number | undefined) =>
  columns === undefined ? text : truncate(text, Math.max(columns, 1));
