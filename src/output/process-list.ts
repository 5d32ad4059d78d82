import { duration } from "./duration.ts";
import { moment } from "./moment.ts";
import { PLAIN } from "./style.ts";
import type { Look } from "./table.ts";
import { truncate } from "./width.ts";

/** One process of an app, or one one-off. All its texts have one line each. */
export interface ListedProcess {
  /** `run.7364`, `web.1` */
  readonly name: string;
  readonly state: string;
  readonly code: number | undefined;
  readonly signal: string | undefined;
  /** In seconds since 1970. */
  readonly created: number;
  /** The same; undefined where it has not ended, or nobody knows when. */
  readonly ended: number | undefined;
  /** Undefined where the group's heading says it. */
  readonly command: string | undefined;
}

export interface ProcessGroup {
  /** `run: one-off processes`, or the type with its command. */
  readonly heading: string;
  readonly processes: readonly ListedProcess[];
}

/** @param now in seconds since 1970. */
export const processList = (
  groups: readonly ProcessGroup[],
  now: number,
  { style, columns }: Look = { style: PLAIN, columns: undefined },
): string =>
  groups
    .map(({ heading, processes }) => {
      const lines = processes.map((one) => processLine(one, now, columns));
      return `${[style.heading(cut(`=== ${heading}`, columns)), ...lines].join("\n")}\n`;
    })
    .join("\n");

function processLine(
  { name, state, code, signal, created, ended, command }: ListedProcess,
  now: number,
  columns?: number,
) {
  const how = state === "crashed" || state === "killed" ? (signal ?? code) : undefined;
  const took = ended === undefined ? "" : `, took ${duration(ended - created)}`;
  const start = `${name}: ${state}${how === undefined ? "" : ` (${how})`} ${moment(created, now)}${took}`;
  if (command === undefined) return start;
  return `${start}: \`${cut(command, columns && columns - start.length - 4)}\``;
}

const cut = (text: string, columns: number | undefined) =>
  columns === undefined ? text : truncate(text, Math.max(columns, 1));
