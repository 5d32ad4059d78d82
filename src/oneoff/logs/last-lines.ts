import type { LogLine } from "./log-lines.ts";
import { byKey, type TimedLine } from "./timed-lines.ts";

/** Keeps the last lines of several sources, which are added one after the other. */
export class LastLines {
  readonly #maxLines: number;
  #lines: TimedLine[] = [];
  #oldest = "";

  constructor(maxLines: number) {
    this.#maxLines = maxLines;
  }

  add(lines: readonly TimedLine[]): void {
    for (const line of lines) this.#lines.push(line);
    if (this.#lines.length > 2 * this.#maxLines + 1000) this.#sort();
  }

  /** Whether a line of this time may be one of the last lines. */
  needs(time: string): boolean {
    return this.#maxLines > 0 && time >= this.#oldest;
  }

  /** Oldest first. */
  all(): readonly LogLine[] {
    this.#sort();
    return this.#lines.map(({ line }) => line);
  }

  #sort(): void {
    this.#lines.sort(byKey);
    this.#lines = this.#lines.slice(Math.max(this.#lines.length - this.#maxLines, 0));
    if (this.#lines.length === this.#maxLines) this.#oldest = this.#lines[0]?.key ?? "";
  }
}
