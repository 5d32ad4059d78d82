import { MultiBar, type Options, type SingleBar } from "cli-progress";
import { Frame, type Screen } from "./frame.ts";
import { type Progress, type ProgressStyle, progressLabel, progressText } from "./text.ts";

export interface ProgressView {
  show(progress: Progress): void;
  /** Erases the bars until the next update, e.g. to print a line. */
  erase(): void;
  /** Removes all bars. */
  end(): void;
}

/** A transfer that finishes sooner has no bar. */
const DELAY_MS = 100;

const MAX_BARS = 6;

/** Estimates of the remaining time are too inaccurate before. */
const MIN_ESTIMATE_AGE_MS = 2000;

interface Bar {
  readonly bar: SingleBar;
  readonly payload: { progress: Progress; readonly startedAt: number };
}

/**
 * One bar per transfer on a terminal, removed at the end.
 * @param now in milliseconds; not affected by changes of the system clock.
 */
export function progressBars(
  screen: Screen,
  style: Pick<ProgressStyle, "glyphs" | "style">,
  now: () => number,
): ProgressView {
  const latest = new Map<string, Progress>();
  const visible = new Map<string, Bar>();
  const frame = new Frame(screen);
  let startTimer: NodeJS.Timeout | undefined;
  let bars: MultiBar | undefined;

  const format: NonNullable<Exclude<Options["format"], string>> = (_options, params, { progress, startedAt }) => {
    const isKnown = now() - startedAt >= MIN_ESTIMATE_AGE_MS && Number.isFinite(Number(params.eta));
    const secondsLeft = isKnown ? Math.ceil(params.eta) : undefined;
    return progressText(progress, { ...style, columns: params.maxWidth, secondsLeft });
  };
  /** Adds a bar for each transfer that fits on the screen. */
  const addBars = () => {
    if (!bars) return;
    const max = Math.max(Math.min(MAX_BARS, screen.rows() - 1), 1);
    for (const [key, progress] of latest) {
      if (visible.size >= max) return;
      if (visible.has(key)) continue;
      const payload = { progress, startedAt: now() };
      visible.set(key, { bar: bars.create(progress.total ?? 0, progress.current, payload), payload });
    }
  };
  const start = () => {
    // The types of cli-progress omit its option `terminal`.
    const terminal: Options & { terminal: Frame } = { terminal: frame, format, forceRedraw: true, linewrap: true };
    bars = new MultiBar(terminal);
    bars.on("update-post", () => frame.draw());
    addBars();
    bars.update();
  };
  const end = () => {
    clearTimeout(startTimer);
    startTimer = undefined;
    bars?.stop();
    bars = undefined;
    latest.clear();
    visible.clear();
    frame.erase();
  };
  return {
    show(progress) {
      const key = progressLabel(progress);
      const existing = visible.get(key);
      if (progress.finished) {
        latest.delete(key);
        visible.delete(key);
        if (latest.size === 0) return end();
        if (existing) bars?.remove(existing.bar);
      } else {
        latest.set(key, progress);
        if (existing) {
          existing.payload.progress = progress;
          existing.bar.update(progress.current);
        }
        startTimer ??= setTimeout(start, DELAY_MS).unref();
      }
      addBars();
    },
    erase: () => frame.erase(),
    end,
  };
}
