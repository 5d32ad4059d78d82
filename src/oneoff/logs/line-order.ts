import type { LifecycleLine, LogLine, OutputLine } from "./lifecycle.ts";

/** A one-off's lines in their order: it has begun before it writes, and its last words come before its end. */
export async function* inOrder(
  life: readonly LifecycleLine[],
  output: AsyncIterable<readonly OutputLine[]>,
): AsyncGenerator<LogLine> {
  const waiting = [...life];
  let last = "";
  for await (const lines of output) {
    for (const line of lines) {
      while (waiting[0] && precedes(waiting[0], line)) {
        const next = waiting.shift() as LifecycleLine;
        // A start is acknowledged a little after it.
        yield next.time < line.time ? next : { ...next, time: line.time };
      }
      yield line;
      last = line.time;
    }
  }
  for (const line of waiting) {
    if (line.time > last) last = line.time;
    yield { ...line, time: last };
  }
}

function precedes({ step, time }: LifecycleLine, line: OutputLine): boolean {
  if (step.event === "starting" || (step.event === "state-changed" && step.to === "up")) return true;
  return step.event === "stopping" && time <= line.time;
}

/** The last so many of lines that come in any order. */
export class LastLines {
  readonly #most: number;
  #lines: LogLine[] = [];
  #oldest = "";

  constructor(most: number) {
    this.#most = most;
  }

  add(line: LogLine): void {
    this.#lines.push(line);
    if (this.#lines.length > 2 * this.#most + 1000) this.#sort();
  }

  /** Whether a line of this time would be one of them, as far as is known. */
  wants(time: string): boolean {
    return this.#most > 0 && time >= this.#oldest;
  }

  /** The oldest first. */
  all(): readonly LogLine[] {
    this.#sort();
    return this.#lines;
  }

  #sort(): void {
    this.#lines.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    this.#lines = this.#lines.slice(Math.max(this.#lines.length - this.#most, 0));
    if (this.#lines.length === this.#most) this.#oldest = this.#lines[0]?.time ?? "";
  }
}
