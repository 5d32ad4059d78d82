import { Buffer } from "node:buffer";
import type { Channel } from "../../streams/frames.ts";
import { type StampedLine, StampedLines } from "../../streams/stamped-lines.ts";
import type { OutputChunk } from "./follow-target.ts";
import { encodeFrame } from "./frame-output.ts";

const LINE_FEED = 10;

/** Splits chunks of output into lines. A line has the time of its first chunk. */
export class ChunkLines {
  readonly #now: () => string;
  readonly #lines = new StampedLines("multiplexed");
  readonly #unfinished = new Set<Channel>();

  constructor(now: () => string) {
    this.#now = now;
  }

  push({ channel, bytes, time = this.#now() }: OutputChunk): StampedLine[] {
    const parts: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(LINE_FEED, at) + 1 || bytes.length;
      if (!this.#unfinished.has(channel)) parts.push(Buffer.from(`${time} `));
      parts.push(bytes.subarray(at, end));
      if (bytes[end - 1] === LINE_FEED) this.#unfinished.delete(channel);
      else this.#unfinished.add(channel);
      at = end;
    }
    return this.#lines.push(encodeFrame(channel, Buffer.concat(parts)));
  }

  end(): StampedLine[] {
    return this.#lines.end();
  }
}
