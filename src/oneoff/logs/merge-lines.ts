import type { LifecycleLine, LogLine, OutputLine } from "./log-lines.ts";

/** Merges the lines of a one-off: its start before its output, its exit after its output. */
export async function* mergeLines(
  steps: readonly LifecycleLine[],
  output: AsyncIterable<readonly OutputLine[]>,
): AsyncGenerator<LogLine[]> {
  const pending = [...steps];
  let last = "";
  for await (const lines of output) {
    const merged: LogLine[] = [];
    for (const line of lines) {
      while (pending[0] && precedes(pending[0], line)) {
        const next = pending.shift() as LifecycleLine;
        // A start is acknowledged a little later than the first output.
        merged.push(next.time < line.time ? next : { ...next, time: line.time });
      }
      merged.push(line);
      last = line.time;
    }
    yield merged;
  }
  yield pending.map((line) => {
    if (line.time > last) last = line.time;
    return { ...line, time: last };
  });
}

function precedes({ step, time }: LifecycleLine, line: OutputLine): boolean {
  if (step.event === "starting" || (step.event === "state-changed" && step.to === "up")) return true;
  return step.event === "stopping" && time <= line.time;
}
