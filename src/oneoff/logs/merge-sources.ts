import type { LogLine } from "./log-lines.ts";
import type { TimedLine } from "./timed-lines.ts";

/** The lines of one container, oldest first, by batches. */
export interface LineSource {
  /** No line is older. The source is read only when the merge has reached this time. */
  readonly from: string;
  readonly lines: AsyncIterable<readonly TimedLine[]>;
}

/** How many lines are returned together. */
const BATCH_LINES = 1000;

/** A source and its next line. */
interface Cursor {
  key: string;
  readonly index: number;
  readonly batches: AsyncIterator<readonly TimedLine[]>;
  batch: readonly TimedLine[];
  at: number;
}

/** Merges sources by time. Holds one batch of each source: a slow reader makes the engine wait. */
export async function* mergeSources(sources: readonly LineSource[]): AsyncGenerator<readonly LogLine[]> {
  const all = sources
    .map(
      ({ from, lines }, index): Cursor => ({
        key: from,
        index,
        batches: lines[Symbol.asyncIterator](),
        batch: [],
        at: 0,
      }),
    )
    .sort(compare);
  const cursors = [...all];
  let merged: LogLine[] = [];
  try {
    for (let first = cursors.shift(); first; first = cursors.shift()) {
      const [next] = cursors;
      for (;;) {
        const line = first.batch[first.at];
        if (!line || (next && (line.key > next.key || (line.key === next.key && first.index > next.index)))) break;
        merged.push(line.line);
        first.at += 1;
      }
      if (merged.length >= BATCH_LINES) {
        yield merged;
        merged = [];
      }
      if (first.at < first.batch.length || (await advance(first))) insert(cursors, first);
    }
    yield merged;
  } finally {
    for (const { batches } of all) await batches.return?.();
  }
}

/** Reads the next batch. @returns false at the end of the source. */
async function advance(cursor: Cursor): Promise<boolean> {
  for (;;) {
    const { done, value } = await cursor.batches.next();
    if (done) return false;
    if (value.length === 0) continue;
    cursor.batch = value;
    cursor.at = 0;
    return true;
  }
}

function insert(cursors: Cursor[], cursor: Cursor): void {
  cursor.key = cursor.batch[cursor.at]?.key ?? cursor.key;
  const at = cursors.findIndex((other) => compare(cursor, other) < 0);
  cursors.splice(at < 0 ? cursors.length : at, 0, cursor);
}

const compare = (a: Cursor, b: Cursor) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.index - b.index);
