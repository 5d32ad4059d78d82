import { MultiBar, type Options, type SingleBar } from "cli-progress";
import { Frame, type Screen } from "./frame.ts";
import { type Progress, type ProgressLook, progressLabel, progressText } from "./progress-text.ts";

/** How something is shown to come along. */
export interface ProgressView {
  show(progress: Progress): void;
  /** Makes room for another line. */
  erase(): void;
  /** Nothing is shown any more. */
  end(): void;
}

/** In milliseconds. What is over sooner is not shown at all. */
const DELAY = 100;

/** How many are shown at once. */
const MOST = 6;

/** In seconds: what is known of the time that is left before then is no better than a guess. */
const EARLY = 2;

interface Shown {
  readonly bar: SingleBar;
  readonly payload: { progress: Progress; readonly begun: number };
}

/**
 * Bars at a terminal, a line each for what is under way, which are drawn again and again and are gone in the end.
 * @param now in milliseconds, by a clock that nobody sets.
 */
export function progressBars(
  screen: Screen,
  look: Pick<ProgressLook, "glyphs" | "style">,
  now: () => number,
): ProgressView {
  const latest = new Map<string, Progress>();
  const shown = new Map<string, Shown>();
  const frame = new Frame(screen);
  let starting: NodeJS.Timeout | undefined;
  let bars: MultiBar | undefined;

  const format: NonNullable<Exclude<Options["format"], string>> = (_options, params, { progress, begun }) => {
    const isKnown = now() - begun >= EARLY * 1000 && Number.isFinite(Number(params.eta));
    const left = isKnown ? Math.ceil(params.eta) : undefined;
    return progressText(progress, { ...look, columns: params.maxWidth, left });
  };
  /** Those that there is room for. */
  const add = () => {
    if (!bars) return;
    const most = Math.max(Math.min(MOST, screen.rows() - 1), 1);
    for (const [key, progress] of latest) {
      if (shown.size >= most) return;
      if (shown.has(key)) continue;
      const payload = { progress, begun: now() };
      shown.set(key, { bar: bars.create(progress.total ?? 0, progress.current, payload), payload });
    }
  };
  const start = () => {
    // It is part of the library, though not of its types: what it draws on.
    const terminal: Options & { terminal: Frame } = { terminal: frame, format, forceRedraw: true, linewrap: true };
    bars = new MultiBar(terminal);
    bars.on("update-post", () => frame.draw());
    add();
    bars.update();
  };
  const end = () => {
    clearTimeout(starting);
    starting = undefined;
    bars?.stop();
    bars = undefined;
    latest.clear();
    shown.clear();
    frame.erase();
  };
  return {
    show(progress) {
      const key = progressLabel(progress);
      const one = shown.get(key);
      if (progress.finished) {
        latest.delete(key);
        shown.delete(key);
        if (latest.size === 0) return end();
        if (one) bars?.remove(one.bar);
      } else {
        latest.set(key, progress);
        if (one) {
          one.payload.progress = progress;
          one.bar.update(progress.current);
        }
        starting ??= setTimeout(start, DELAY).unref();
      }
      add();
    },
    erase: () => frame.erase(),
    end,
  };
}
