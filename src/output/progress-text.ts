import { humanBytes } from "./bytes.ts";
import { duration } from "./duration.ts";
import type { Event } from "./events.ts";
import { PLAIN, type Style } from "./style.ts";
import { truncate, width } from "./width.ts";

export type Progress = Extract<Event, { type: "progress" }>;

/** In characters. */
const BAR = 24;

/** A line is no longer than this, so that few windows are ever made so narrow that it has to be drawn over. */
const LONGEST = 72;

/** What bars are made of, where the terminal knows more than ASCII and where it does not. */
export const GLYPHS = { unicode: ["━", "─"], ascii: ["#", "-"] } as const;

export interface ProgressLook {
  /** Of the terminal. */
  readonly columns: number;
  readonly glyphs: readonly [done: string, rest: string];
  readonly style: Style;
  /** In seconds; undefined where nobody knows. */
  readonly left?: number | undefined;
}

/** `upload ######------------------  25% of 2 GiB, 12s left`, or as much of it as fits on a line. */
export function progressText(progress: Progress, look: ProgressLook): string {
  const { columns, glyphs, style, left } = look;
  const { total, current } = progress;
  const most = Math.max(Math.min(columns - 1, LONGEST), 1);
  const label = progressLabel(progress);
  if (total === undefined) return truncate(`${label} ${humanBytes(current)}`, most);
  const part = total === 0 ? 1 : Math.min(current / total, 1);
  const filled = Math.floor(part * BAR);
  const bar = style.prefix(glyphs[0].repeat(filled)) + style.faint(glyphs[1].repeat(BAR - filled));
  const percent = `${String(Math.floor(part * 100)).padStart(3)}%`;
  const size = `${percent} of ${humanBytes(total)}`;
  const lines = [
    ...(left === undefined ? [] : [`${label} ${bar} ${size}, ${duration(left)} left`]),
    `${label} ${bar} ${size}`,
    `${label} ${size}`,
    `${label} ${percent}`,
  ];
  return (
    lines.find((line) => width(line) <= most) ??
    truncate(`${truncate(label, Math.max(most - percent.length - 1, 1))} ${percent}`, most)
  );
}

export const progressLabel = ({ operation, item }: Progress) =>
  item === undefined ? operation : `${operation} ${item}`;

/** Without a look: the whole line, in plain text. */
export const PLAIN_LOOK: ProgressLook = { columns: LONGEST + 1, glyphs: GLYPHS.ascii, style: PLAIN };
