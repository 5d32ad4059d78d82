import { Buffer } from "node:buffer";
import { type Channel, FrameParser } from "./frames.ts";
import { toUtc } from "./log-time.ts";

/** A line of a log, or a part of a very long line. */
export interface StampedLine {
  /** RFC 3339, UTC, with nanoseconds. */
  readonly time: string;
  readonly channel: Channel;
  readonly text: string;
}

/** In bytes; longer lines are returned in parts. */
const LONGEST = 64 * 1024;

/** In bytes. The engine stores longer lines in parts of this size, each with the time of the line. */
const ENGINE_PART = 16 * 1024;

/** `2013-03-13T15:38:09.123456789+02:00 ` */
const LONGEST_STAMP = 36;

/** The received part of an incomplete line, in Latin-1: one character per byte. */
interface Unfinished {
  text: string;
  /** The time of the line, after it was parsed. */
  stamp: string | undefined;
}

/** Splits a log with a time before every line into lines. */
export class StampedLines {
  readonly #unfinished: Readonly<Record<Channel, Unfinished>> = {
    stdout: { text: "", stamp: undefined },
    stderr: { text: "", stamp: undefined },
  };
  readonly #frames: FrameParser | undefined;
  readonly #lines: StampedLine[] = [];

  constructor(format: "raw" | "multiplexed") {
    if (format === "multiplexed") this.#frames = new FrameParser((channel, payload) => this.#add(channel, payload));
  }

  /** @returns the lines that end in the chunk. @throws OneoffError for an invalid stream. */
  push(chunk: Buffer): StampedLine[] {
    if (this.#frames) this.#frames.push(chunk);
    else this.#add("stdout", chunk);
    return this.#lines.splice(0);
  }

  /** @returns the last line, if the log ends without a line feed. */
  end(): StampedLine[] {
    for (const channel of ["stdout", "stderr"] as const) {
      if (this.#unfinished[channel].text !== "") this.#finish(channel, this.#unfinished[channel].text);
    }
    return this.#lines.splice(0);
  }

  #add(channel: Channel, payload: Buffer): void {
    const line = this.#unfinished[channel];
    const texts = (line.text + payload.toString("latin1")).split("\n");
    line.text = texts.pop() ?? "";
    for (const text of texts) this.#finish(channel, text);
    if (line.text.length > LONGEST + ENGINE_PART) line.text = this.#takeParts(channel, line.text, LONGEST_STAMP);
  }

  #finish(channel: Channel, text: string): void {
    this.#tell(channel, this.#takeParts(channel, text, 0).replace(/\r$/, ""));
    this.#unfinished[channel].stamp = undefined;
  }

  /** @param kept the number of last bytes that may begin a time. @returns the last part. */
  #takeParts(channel: Channel, text: string, kept: number): string {
    const line = this.#unfinished[channel];
    let rest = text;
    if (line.stamp === undefined) {
      const end = text.indexOf(" ");
      line.stamp = text.slice(0, end);
      rest = text.slice(end + 1);
      if (rest.length <= ENGINE_PART) return rest;
    }
    rest = rest.replaceAll(`${line.stamp} `, "");
    while (rest.length > LONGEST + kept) {
      const end = characterEnd(rest, LONGEST);
      this.#tell(channel, rest.slice(0, end));
      rest = rest.slice(end);
    }
    return rest;
  }

  #tell(channel: Channel, text: string): void {
    const time = toUtc(this.#unfinished[channel].stamp ?? "");
    this.#lines.push({ time, channel, text: Buffer.from(text, "latin1").toString() });
  }
}

/** The last position that is not inside a UTF-8 sequence. */
function characterEnd(text: string, at: number): number {
  let end = at;
  while (end > at - 4 && (text.charCodeAt(end) & 0xc0) === 0x80) end -= 1;
  return end;
}
