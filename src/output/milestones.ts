import { humanBytes } from "./bytes.ts";
import type { ProgressView } from "./progress-bars.ts";
import { type Progress, progressLabel } from "./progress-text.ts";

/** In milliseconds: what is over sooner needs no telling. */
const PATIENCE = 3000;

/** In milliseconds, between two lines of what nobody knows the size of. */
const INTERVAL = 10_000;

/** In percent. */
const STEP = 25;

interface Way {
  readonly begun: number;
  said: number;
  quarter: number;
}

/**
 * How far something has come where nothing can be drawn over: a line at each quarter, or every ten seconds, of what takes
 * longer than a few seconds. Of several at once, as the layers of an image, there is one sum.
 */
export function milestones(say: (line: string) => void, now: () => number): ProgressView {
  const ways = new Map<string, Way>();
  const items = new Map<string, Map<string, number>>();

  const sum = (progress: Progress): Progress => {
    const { item, what, done, total } = progress;
    if (item === undefined) return progress;
    const sizes = items.get(what) ?? new Map<string, number>();
    items.set(what, sizes.set(item, Math.max(done, sizes.get(item) ?? 0, progress.over ? (total ?? 0) : 0)));
    return { type: "progress", what, done: sizes.values().reduce((all, one) => all + one, 0), total: undefined };
  };
  return {
    show(given) {
      const progress = sum(given);
      const { done, total, over } = progress;
      const label = progressLabel(progress);
      const way = ways.get(label) ?? { begun: now(), said: now(), quarter: 0 };
      ways.set(label, way);
      if (over) ways.delete(label);
      if (now() - way.begun < PATIENCE) return;
      if (total !== undefined && total > 0) {
        const quarter = Math.floor((done / total) * (100 / STEP));
        if (quarter <= way.quarter) return;
        way.quarter = quarter;
        say(`${label}: ${quarter * STEP}% of ${humanBytes(total)}`);
      } else if (over || now() - way.said >= INTERVAL) {
        way.said = now();
        say(`${label}: ${humanBytes(done)}${over ? "" : " so far"}`);
      }
    },
    erase() {},
    end() {},
  };
}
