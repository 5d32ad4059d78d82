import { openLogs } from "../../engine/logs.ts";
import type { Transport } from "../../engine/transport.ts";
import { FrameParser } from "../../streams/frames.ts";

const LINES = 20;

/** The last lines that a process has written, on either stream; none where they cannot be had: they only explain. */
export async function lastLines(engine: Transport, id: string): Promise<string[]> {
  const written: Buffer[] = [];
  // The memory is used again for what comes next.
  const frames = new FrameParser((_channel, payload) => void written.push(Buffer.from(payload)));
  try {
    using log = await openLogs(engine, id, { tail: LINES });
    await log.read((chunk) => {
      frames.push(chunk);
      return true;
    });
  } catch {
    return [];
  }
  const text = Buffer.concat(written).toString();
  return text.split("\n").filter((line) => line.trim() !== "");
}
