import { setTimeout as pause } from "node:timers/promises";
import type { Download } from "../../engine/download.ts";
import { openLogs } from "../../engine/logs.ts";
import type { Transport } from "../../engine/transport.ts";
import { FrameParser } from "../../streams/frames.ts";

/** How many lines explain an error. */
export const MAX_LOG_LINES = 20;

/** The last lines of stdout and stderr; empty if the log cannot be read, because they only explain an error. */
export const readLastLines = (engine: Transport, id: string): Promise<string[]> =>
  collectLines(() => openLogs(engine, id, { tail: MAX_LOG_LINES }));

/** The lines of a log until its end or a deadline; empty if it cannot be read. */
export async function collectLines(open: () => Promise<Download>, timeoutMs?: number): Promise<string[]> {
  const chunks: Buffer[] = [];
  // Copied because the parser reuses its buffer.
  const frames = new FrameParser((_channel, payload) => void chunks.push(Buffer.from(payload)));
  try {
    using log = await open();
    const read = log.read((chunk) => {
      frames.push(chunk);
      return true;
    });
    read.catch(() => {});
    await (timeoutMs === undefined ? read : Promise.race([read, pause(timeoutMs, undefined, { ref: false })]));
  } catch {
    return [];
  }
  const text = Buffer.concat(chunks).toString();
  return text.split("\n").filter((line) => line.trim() !== "");
}
