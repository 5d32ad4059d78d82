import type { LogLine } from "./log-lines.ts";

/** A line with its place in a merged log. */
export interface TimedLine {
  /** The time of the line, or of an earlier line of the same source: stdout and stderr may overtake one another. */
  readonly key: string;
  readonly line: LogLine;
}

/** Gives the lines of one source keys that never decrease, so that a merge keeps their order. */
export function timedLines(): (lines: readonly LogLine[]) => TimedLine[] {
  let key = "";
  return (lines) =>
    lines.map((line) => {
      if (line.time > key) key = line.time;
      return { key, line };
    });
}

/** Sorts by time; lines with equal times keep their order. */
export const byKey = (a: TimedLine, b: TimedLine): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
