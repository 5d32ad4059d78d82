import { uptime } from "../../engine/clock.ts";
import type { LogLine } from "./log-lines.ts";
import { byKey, type TimedLine, timedLines } from "./timed-lines.ts";

/** New lines of several containers are sorted if they are read within this time. */
const WINDOW_S = 0.1;

/** Lines wait at most this long for a container whose earlier output is still being read. */
const MAX_LAG_S = 2;

/** A container whose held lines are longer has to wait. In UTF-16 units. */
const MAX_HELD_LENGTH = 1_000_000;

/** The lines of one container that are held. */
class Source {
  readonly toTimed = timedLines();
  heldLength = 0;
  /** The time of its last line while its earlier output is being read: it may still write lines after it. */
  lagsAt: string | undefined;
}

interface Batch {
  readonly source: Source;
  /** Seconds of a monotonic clock. */
  readonly arrived: number;
  readonly lines: readonly TimedLine[];
}

/** Merges new lines of several containers by time. Lines of one container keep their order. */
export class MergeWindow implements Disposable {
  readonly #emit: (lines: readonly LogLine[]) => Promise<void>;
  readonly #now: () => number;
  readonly #sources = new Map<string, Source>();
  /** In the order of their arrival. */
  #held: Batch[] = [];
  #writing: Promise<void> = Promise.resolve();
  #written = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | undefined;

  /** @param now seconds of a monotonic clock. */
  constructor(emit: (lines: readonly LogLine[]) => Promise<void>, now = uptime) {
    this.#emit = emit;
    this.#now = now;
  }

  /** Holds newer lines until earlier output of a container is read. @param time ISO 8601, UTC. */
  expect(container: string, time: string): void {
    this.#source(container).lagsAt ??= time;
  }

  /** All earlier output of a container is read, or there is none. */
  caughtUp(container: string): void {
    this.#source(container).lagsAt = undefined;
  }

  /** Resolves when more lines of the container can be added. @param onFailure called if lines cannot be written. */
  async push(container: string, lines: readonly LogLine[], onFailure: (error: unknown) => void): Promise<void> {
    if (lines.length === 0) return;
    const source = this.#source(container);
    const timed = source.toTimed(lines);
    this.#held.push({ source, arrived: this.#now(), lines: timed });
    for (const line of lines) source.heldLength += lengthOf(line);
    if (source.lagsAt !== undefined) source.lagsAt = timed.at(-1)?.key;
    this.#timer ??= setTimeout(() => this.#onTime(onFailure), WINDOW_S * 1000);
    if (source.heldLength >= MAX_HELD_LENGTH) await this.#write(this.#now());
    while (source.heldLength >= MAX_HELD_LENGTH) await this.#written.promise;
  }

  /** Writes all lines. */
  async flush(): Promise<void> {
    for (const source of this.#sources.values()) source.lagsAt = undefined;
    await this.#write(Number.POSITIVE_INFINITY);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #source(container: string): Source {
    const source = this.#sources.get(container) ?? new Source();
    this.#sources.set(container, source);
    return source;
  }

  #onTime(onFailure: (error: unknown) => void): void {
    this.#write(this.#now() - WINDOW_S).then(() => {
      const again = this.#held.length > 0;
      this.#timer = again ? setTimeout(() => this.#onTime(onFailure), (WINDOW_S * 1000) / 2) : undefined;
    }, onFailure);
  }

  /** Writes the lines that have arrived by a time, and older ones that have arrived since. */
  #write(arrived: number): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const lines = this.#take(this.#lastKey(arrived));
      if (lines.length > 0) await this.#emit(lines.sort(byKey).map(({ line }) => line));
      this.#written.resolve();
      this.#written = Promise.withResolvers();
    });
    return this.#writing;
  }

  #lastKey(arrived: number): string {
    const overdue = this.#now() - MAX_LAG_S;
    const lags = [...this.#sources.values()].flatMap(({ lagsAt }) => lagsAt ?? []);
    let last = "";
    for (const batch of this.#held) {
      const key = batch.lines.at(-1)?.key ?? "";
      const mayWrite = batch.arrived <= overdue || !lags.some((time) => time < key);
      if (batch.arrived <= arrived && mayWrite && key > last) last = key;
    }
    return last;
  }

  /** Removes the lines up to a time. */
  #take(last: string): TimedLine[] {
    const taken: TimedLine[] = [];
    this.#held = this.#held.flatMap((batch) => {
      const end = batch.lines.findLastIndex(({ key }) => key <= last) + 1;
      for (const timed of batch.lines.slice(0, end)) {
        taken.push(timed);
        batch.source.heldLength -= lengthOf(timed.line);
      }
      return end === batch.lines.length ? [] : [{ ...batch, lines: batch.lines.slice(end) }];
    });
    return taken;
  }
}

const lengthOf = (line: LogLine) => (line.source === "app" ? line.text.length : 0) + 100;
