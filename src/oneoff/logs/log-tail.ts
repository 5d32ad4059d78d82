import { type LogRange, openLogs } from "../../engine/logs.ts";
import type { Transport } from "../../engine/transport.ts";
import { chunksOf } from "../../streams/chunks.ts";
import { type LogEntry, LogEntryParser } from "../../streams/log-entries.ts";

/** The container whose log is read. */
export interface LogSource {
  readonly engine: Transport;
  readonly id: string;
  readonly tty: boolean;
}

/** How many messages are read from the end of a log first; each further attempt reads eight times as many. */
const FIRST_TAIL = 1_000;
const TAIL_GROWTH = 8;

/** Reads the messages of a log up to now. */
export async function* readLog({ engine, id, tty }: LogSource, range: LogRange): AsyncGenerator<LogEntry> {
  using log = await openLogs(engine, id, { ...range, timestamps: true });
  const parser = new LogEntryParser(tty ? "raw" : "multiplexed", engine.quirks);
  for await (const chunk of chunksOf(log)) yield* parser.push(chunk);
  yield* parser.end();
}

/** Reads the last message of a log. @returns undefined for an empty log. */
export async function readLastEntry(source: LogSource): Promise<LogEntry | undefined> {
  return (await Array.fromAsync(readLog(source, { tail: 1 }))).at(-1);
}

/**
 * Reads the messages from the anchor on, included; all without an anchor.
 * @returns all messages and `isWhole: false` if the log has rotated beyond the anchor.
 */
export async function readFrom(
  source: LogSource,
  anchor: LogEntry | undefined,
): Promise<{ readonly entries: readonly LogEntry[]; readonly isWhole: boolean }> {
  // Not by time: all parts of a long line have the time of its first part.
  for (let tail = FIRST_TAIL; anchor; tail *= TAIL_GROWTH) {
    const entries = await Array.fromAsync(readLog(source, { tail }));
    const at = entries.findIndex((entry) => isSameEntry(entry, anchor));
    if (at >= 0) return { entries: entries.slice(at), isWhole: true };
    if (entries.length < tail) break;
  }
  const entries = await Array.fromAsync(readLog(source, {}));
  const at = anchor ? entries.findIndex((entry) => isSameEntry(entry, anchor)) : 0;
  return { entries: entries.slice(Math.max(at, 0)), isWhole: at >= 0 };
}

export const isSameEntry = (a: LogEntry, b: LogEntry): boolean =>
  a.stamp === b.stamp && a.channel === b.channel && a.bytes.equals(b.bytes);
