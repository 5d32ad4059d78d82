import { formatBytes } from "../units.ts";
import type { ProgressView } from "./bars.ts";
import { type Progress, progressLabel } from "./text.ts";

/** A transfer that finishes sooner is not printed. */
const DELAY_MS = 3000;

/** Between two lines of a transfer of unknown size. */
const INTERVAL_MS = 10_000;

const STEP_PERCENT = 25;

interface Transfer {
  readonly startedAt: number;
  printedAt: number;
  quarter: number;
}

/**
 * Progress where lines cannot be redrawn: a line at each quarter, or every ten seconds if the size is unknown. Items of
 * one operation, e.g. the layers of an image, are summed.
 */
export function milestones(writeLine: (line: string) => void, now: () => number): ProgressView {
  const transfers = new Map<string, Transfer>();
  const sizesByOperation = new Map<string, Map<string, number>>();

  const summed = (progress: Progress): Progress => {
    const { item, operation, current, total, finished } = progress;
    if (item === undefined) return progress;
    const sizes = sizesByOperation.get(operation) ?? new Map<string, number>();
    sizesByOperation.set(
      operation,
      sizes.set(item, Math.max(current, sizes.get(item) ?? 0, finished ? (total ?? 0) : 0)),
    );
    return {
      type: "progress",
      operation,
      current: sizes.values().reduce((sum, size) => sum + size, 0),
      total: undefined,
    };
  };
  return {
    show(reported) {
      const progress = summed(reported);
      const { current, total, finished } = progress;
      const label = progressLabel(progress);
      const transfer = transfers.get(label) ?? { startedAt: now(), printedAt: now(), quarter: 0 };
      transfers.set(label, transfer);
      if (finished) transfers.delete(label);
      if (now() - transfer.startedAt < DELAY_MS) return;
      if (total !== undefined && total > 0) {
        const quarter = Math.floor((current / total) * (100 / STEP_PERCENT));
        if (quarter <= transfer.quarter) return;
        transfer.quarter = quarter;
        writeLine(`${label}: ${quarter * STEP_PERCENT}% of ${formatBytes(total)}`);
      } else if (finished || now() - transfer.printedAt >= INTERVAL_MS) {
        transfer.printedAt = now();
        writeLine(`${label}: ${formatBytes(current)}${finished ? "" : " so far"}`);
      }
    },
    erase() {},
    end() {},
  };
}
