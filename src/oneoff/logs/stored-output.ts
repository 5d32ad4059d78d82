import { Buffer } from "node:buffer";
import { type LogRange, openLogs } from "../../engine/logs.ts";
import type { LogConfig } from "../../engine/types.ts";
import type { Report } from "../../output/events.ts";
import { type LogEntry, LogEntryParser } from "../../streams/log-entries.ts";
import type { ByteSource, Reader } from "../../streams/pump.ts";
import { encodeFrame } from "./frame-output.ts";
import { LogSize } from "./log-size.ts";
import type { LogSource } from "./log-tail.ts";

interface StoredLog extends LogSource {
  /** `run.7364` */
  readonly name: string;
  readonly logConfig: LogConfig;
  readonly report: Report;
}

/** The log up to now in the engine's format: raw with a TTY, multiplexed otherwise. */
export async function openStoredOutput(stored: StoredLog, range: LogRange): Promise<ByteSource & Disposable> {
  const { engine, id, tty, name, logConfig, report } = stored;
  // Podman keeps every line feed, and inserts times into long lines.
  if (!engine.quirks.partsShareTime) return await openLogs(engine, id, range);
  const log = await openLogs(engine, id, { ...range, timestamps: true });
  const parser = new LogEntryParser(tty ? "raw" : "multiplexed", engine.quirks);
  const extent = new LogSize(logConfig, range.tail);
  const pass = (entries: readonly LogEntry[], reader: Reader) => {
    for (const entry of entries) extent.add(entry);
    const bytes = tty ? Buffer.concat(entries.map((entry) => entry.bytes)) : encodeEntries(entries);
    return bytes.length === 0 || reader(bytes);
  };
  return {
    async read(reader) {
      const malformed = Promise.withResolvers<never>();
      const reading = log.read((chunk) => {
        try {
          return pass(parser.push(chunk), reader);
        } catch (error) {
          malformed.reject(error);
          return false;
        }
      });
      await Promise.race([reading, malformed.promise]);
      pass(parser.end(), reader);
      const { fullSince } = extent;
      if (fullSince) report({ type: "log-full", name, since: fullSince });
    },
    resume: () => log.resume(),
    [Symbol.dispose]: () => log[Symbol.dispose](),
  };
}

/** Encodes successive messages of a channel as one frame. */
function encodeEntries(entries: readonly LogEntry[]): Buffer {
  const runs: { channel: LogEntry["channel"]; parts: Buffer[] }[] = [];
  for (const { channel, bytes } of entries) {
    const last = runs.at(-1);
    if (last?.channel === channel) last.parts.push(bytes);
    else runs.push({ channel, parts: [bytes] });
  }
  return Buffer.concat(runs.map(({ channel, parts }) => encodeFrame(channel, Buffer.concat(parts))));
}
