import { Buffer } from "node:buffer";
import { type Channel, FrameParser } from "./frames.ts";
import { toUtc } from "./log-time.ts";

/** A line of a log, or a part of one that is very long. */
export interface StampedLine {
  /** RFC 3339, UTC, with nanoseconds. */
  readonly time: string;
  readonly channel: Channel;
  readonly text: string;
}

/** In bytes: what is longer comes in parts. */
const LONGEST = 64 * 1024;

/** The engine writes longer lines down in parts of this size, in bytes, and puts the line's time before each. */
const ENGINE_PART = 16 * 1024;

/** `2013-03-13T15:38:09.123456789+02:00 ` */
const LONGEST_STAMP = 36;

/** What has come of a line that has not ended, in Latin-1: that has a character for every byte. */
interface Unfinished {
  text: string;
  /** Its time, once that has been taken from the text. */
  stamp: string | undefined;
}

/** Makes lines of a log in which every line begins with its time. */
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

  /** @returns the lines that end in it. @throws OneoffError for a garbled stream. */
  push(chunk: Buffer): StampedLine[] {
    if (this.#frames) this.#frames.push(chunk);
    else this.#add("stdout", chunk);
    return this.#lines.splice(0);
  }

  /** @returns what had not ended when the log did. */
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

  /** @param kept how much of its end may be the beginning of a time. @returns the last part. */
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

/** The last place up to here that is not inside a character of UTF-8. */
function characterEnd(text: string, at: number): number {
  let end = at;
  while (end > at - 4 && (text.charCodeAt(end) & 0xc0) === 0x80) end -= 1;
  return end;
}
