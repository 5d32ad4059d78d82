import type { LifecycleLine, LogLine, OutputLine } from "./log-lines.ts";

/** Merges the lines of a one-off: its start before its output, its exit after its output. */
export async function* mergeLines(
  steps: readonly LifecycleLine[],
  output: AsyncIterable<readonly OutputLine[]>,
): AsyncGenerator<LogLine> {
  const pending = [...steps];
  let last = "";
  for await (const lines of output) {
    for (const line of lines) {
      while (pending[0] && precedes(pending[0], line)) {
        const next = pending.shift() as LifecycleLine;
        // A start is acknowledged a little later than the first output.
        yield next.time < line.time ? next : { ...next, time: line.time };
      }
      yield line;
      last = line.time;
    }
  }
  for (const line of pending) {
    if (line.time > last) last = line.time;
    yield { ...line, time: last };
  }
}

function precedes({ step, time }: LifecycleLine, line: OutputLine): boolean {
  if (step.event === "starting" || (step.event === "state-changed" && step.to === "up")) return true;
  return step.event === "stopping" && time <= line.time;
}

/** Keeps the last lines of lines in any order. */
export class LastLines {
  readonly #maxLines: number;
  #lines: LogLine[] = [];
  #oldest = "";

  constructor(maxLines: number) {
    this.#maxLines = maxLines;
  }

  add(line: LogLine): void {
    this.#lines.push(line);
    if (this.#lines.length > 2 * this.#maxLines + 1000) this.#sort();
  }

  /** Whether a line of this time may be one of the last lines. */
  needs(time: string): boolean {
    return this.#maxLines > 0 && time >= this.#oldest;
  }

  /** Oldest first. */
  all(): readonly LogLine[] {
    this.#sort();
    return this.#lines;
  }

  #sort(): void {
    this.#lines.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    this.#lines = this.#lines.slice(Math.max(this.#lines.length - this.#maxLines, 0));
    if (this.#lines.length === this.#maxLines) this.#oldest = this.#lines[0]?.time ?? "";
  }
}
