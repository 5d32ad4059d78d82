import type { Event } from "../events.ts";
import { PLAIN, type Style } from "../style.ts";
import { displayWidth, truncate } from "../table.ts";
import { formatBytes, formatDuration } from "../units.ts";

export type Progress = Extract<Event, { type: "progress" }>;

const BAR_WIDTH = 24;

/** Short enough that a terminal is rarely resized to fewer columns, which would wrap the line. */
const MAX_WIDTH = 72;

export const GLYPHS = { unicode: ["━", "─"], ascii: ["#", "-"] } as const;

export interface ProgressStyle {
  /** Width of the terminal. */
  readonly columns: number;
  readonly glyphs: readonly [done: string, rest: string];
  readonly style: Style;
  /** Undefined if unknown. */
  readonly secondsLeft?: number | undefined;
}

/** `upload ######------------------  25% of 2 GiB, 12s left`, or a shorter form that fits on a line. */
export function progressText(progress: Progress, progressStyle: ProgressStyle): string {
  const { columns, glyphs, style, secondsLeft } = progressStyle;
  const { total, current } = progress;
  const max = Math.max(Math.min(columns - 1, MAX_WIDTH), 1);
  const label = progressLabel(progress);
  if (total === undefined) return truncate(`${label} ${formatBytes(current)}`, max);
  const ratio = total === 0 ? 1 : Math.min(current / total, 1);
  const filled = Math.floor(ratio * BAR_WIDTH);
  const bar = style.prefix(glyphs[0].repeat(filled)) + style.faint(glyphs[1].repeat(BAR_WIDTH - filled));
  const percent = `${String(Math.floor(ratio * 100)).padStart(3)}%`;
  const size = `${percent} of ${formatBytes(total)}`;
  const lines = [
    ...(secondsLeft === undefined ? [] : [`${label} ${bar} ${size}, ${formatDuration(secondsLeft)} left`]),
    `${label} ${bar} ${size}`,
    `${label} ${size}`,
    `${label} ${percent}`,
  ];
  return (
    lines.find((line) => displayWidth(line) <= max) ??
    truncate(`${truncate(label, Math.max(max - percent.length - 1, 1))} ${percent}`, max)
  );
}

export const progressLabel = ({ operation, item, target }: Progress) =>
  `${operation}${item === undefined ? "" : ` ${item}`}${target === undefined ? "" : ` to ${target}`}`;

/** The whole line in plain text. */
export const PLAIN_STYLE: ProgressStyle = { columns: MAX_WIDTH + 1, glyphs: GLYPHS.ascii, style: PLAIN };
