import { type LogRange, openLogs } from "../../engine/logs.ts";
import type { Transport } from "../../engine/transport.ts";
import { type LogEntry, LogEntryParser } from "../../streams/log-entries.ts";
import { pieces } from "../../streams/pieces.ts";

/** Whose log it is. */
export interface LogSource {
  readonly engine: Transport;
  readonly id: string;
  readonly tty: boolean;
}

/** How many messages are read first from the end of a log, and how many times more of them each time after. */
const FIRST_TAIL = 1_000;
const TAIL_GROWTH = 8;

/** The messages of a log as it is now. */
export async function* readLog({ engine, id, tty }: LogSource, range: LogRange): AsyncGenerator<LogEntry> {
  using log = await openLogs(engine, id, { ...range, timestamps: true });
  const parser = new LogEntryParser(tty ? "raw" : "multiplexed", engine.dialect);
  for await (const piece of pieces(log)) yield* parser.push(piece);
  yield* parser.end();
}

/** The last message of a log. @returns undefined for an empty one. */
export async function lastEntry(source: LogSource): Promise<LogEntry | undefined> {
  return (await Array.fromAsync(readLog(source, { tail: 1 }))).at(-1);
}

/**
 * The messages from one on, itself included; all for undefined.
 * @returns all that there is, and `isWhole` false, where the log has been rotated beyond it.
 */
export async function readFrom(
  source: LogSource,
  anchor: LogEntry | undefined,
): Promise<{ readonly entries: readonly LogEntry[]; readonly isWhole: boolean }> {
  // Not by time: a part of a long line has the time of its first part, however late it is.
  for (let tail = FIRST_TAIL; anchor; tail *= TAIL_GROWTH) {
    const entries = await Array.fromAsync(readLog(source, { tail }));
    const at = entries.findIndex((entry) => isSame(entry, anchor));
    if (at >= 0) return { entries: entries.slice(at), isWhole: true };
    if (entries.length < tail) break;
  }
  const entries = await Array.fromAsync(readLog(source, {}));
  const at = anchor ? entries.findIndex((entry) => isSame(entry, anchor)) : 0;
  return { entries: entries.slice(Math.max(at, 0)), isWhole: at >= 0 };
}

export const isSame = (a: LogEntry, b: LogEntry): boolean =>
  a.stamp === b.stamp && a.channel === b.channel && a.bytes.equals(b.bytes);
