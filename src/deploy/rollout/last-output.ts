import { openLogs } from "../../engine/logs.ts";
import type { Transport } from "../../engine/transport.ts";
import { FrameParser } from "../../streams/frames.ts";

const MAX_LOG_LINES = 20;

/** The last lines of stdout and stderr; empty if the log cannot be read, because they only explain an error. */
export async function readLastLines(engine: Transport, id: string): Promise<string[]> {
  const chunks: Buffer[] = [];
  // Copied because the parser reuses its buffer.
  const frames = new FrameParser((_channel, payload) => void chunks.push(Buffer.from(payload)));
  try {
    using log = await openLogs(engine, id, { tail: MAX_LOG_LINES });
    await log.read((chunk) => {
      frames.push(chunk);
      return true;
    });
  } catch {
    return [];
  }
  const text = Buffer.concat(chunks).toString();
  return text.split("\n").filter((line) => line.trim() !== "");
}
