import { uptime } from "../../engine/clock.ts";
import type { LogLine } from "./log-lines.ts";
import { byKey, type TimedLine, timedLines } from "./timed-lines.ts";

/** New lines of several containers are sorted if they are read within this time. */
const WINDOW_MS = 100;

/** More is not held: then lines are sorted within a shorter time. In UTF-16 units. */
const MAX_HELD_LENGTH = 4_000_000;

interface Batch {
  /** Seconds of a monotonic clock. */
  readonly arrived: number;
  readonly lines: readonly TimedLine[];
}

/** Merges new lines of several containers by time. Lines of one container keep their order. */
export class MergeWindow implements Disposable {
  readonly #emit: (lines: readonly LogLine[]) => Promise<void>;
  readonly #now: () => number;
  readonly #sources = new Map<string, ReturnType<typeof timedLines>>();
  /** In the order of their arrival. */
  #held: Batch[] = [];
  #heldLength = 0;
  #emitting: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  /** @param now seconds of a monotonic clock. */
  constructor(emit: (lines: readonly LogLine[]) => Promise<void>, now = uptime) {
    this.#emit = emit;
    this.#now = now;
  }

  /** Resolves when more lines can be added. @param onFailure called if lines cannot be written. */
  async push(container: string, lines: readonly LogLine[], onFailure: (error: unknown) => void): Promise<void> {
    if (lines.length === 0) return;
    const toTimed = this.#sources.get(container) ?? timedLines();
    this.#sources.set(container, toTimed);
    this.#held.push({ arrived: this.#now(), lines: toTimed(lines) });
    for (const line of lines) this.#heldLength += lengthOf(line);
    if (this.#heldLength >= MAX_HELD_LENGTH) return await this.flush();
    this.#timer ??= setTimeout(() => this.#onTime(onFailure), WINDOW_MS);
  }

  /** Writes all lines. */
  flush(): Promise<void> {
    return this.#write(Number.POSITIVE_INFINITY);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #onTime(onFailure: (error: unknown) => void): void {
    this.#write(this.#now() - WINDOW_MS / 1000).then(() => {
      this.#timer = this.#held.length > 0 ? setTimeout(() => this.#onTime(onFailure), WINDOW_MS / 2) : undefined;
    }, onFailure);
  }

  /** Writes the lines that have arrived by a time, and older ones that have arrived since. */
  #write(arrived: number): Promise<void> {
    this.#emitting = this.#emitting.then(async () => {
      const due = this.#held.filter((batch) => batch.arrived <= arrived);
      const last = due.reduce((latest, { lines }) => maxKey(latest, lines.at(-1)?.key ?? ""), "");
      const written: TimedLine[] = [];
      this.#held = this.#held.flatMap((batch) => {
        const end = batch.lines.findLastIndex(({ key }) => key <= last) + 1;
        for (const line of batch.lines.slice(0, end)) written.push(line);
        return end === batch.lines.length ? [] : [{ ...batch, lines: batch.lines.slice(end) }];
      });
      for (const { line } of written) this.#heldLength -= lengthOf(line);
      if (written.length > 0) await this.#emit(written.sort(byKey).map(({ line }) => line));
    });
    return this.#emitting;
  }
}

const maxKey = (a: string, b: string) => (a > b ? a : b);

const lengthOf = (line: LogLine) => (line.source === "app" ? line.text.length : 0) + 100;
