import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { Channel } from "../../streams/frames.ts";

/** How many lines there are to say why a phase has failed. */
const MAX_LAST_LINES = 20;

/** In characters: what is longer comes as several lines. */
const MAX_LINE_CHARS = 16 * 1024;

/** In characters, of each of the last lines. */
const MAX_LAST_LINE_CHARS = 200;

/** Colours and the like, and what else is not for reading. */
const CONTROL_SEQUENCES = /\p{Cc}(?:\[[\d;?]*[A-Za-z])?/gu;

type OnLine = (channel: Channel, text: string) => void;

/** Where a phase writes to: lines as they come, and the last of them. */
export class PhaseOutput {
  /** Of both outputs, as they came, without anything that a screen would act on. */
  readonly last: string[] = [];
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly #onLine: OnLine;
  readonly #rests: (() => void)[] = [];

  constructor(onLine: OnLine) {
    this.#onLine = onLine;
    this.stdout = this.#lines("stdout");
    this.stderr = this.#lines("stderr");
  }

  /** Takes what has come without an end for lines. */
  end(): void {
    for (const rest of this.#rests) rest();
  }

  #lines(channel: Channel): Writable {
    const decoder = new StringDecoder();
    let begun = "";
    const take = (text: string) => {
      const lines = (begun + text).split("\n").flatMap(splitLongLine);
      begun = lines.pop() ?? "";
      for (const line of lines) this.#tell(channel, line);
    };
    this.#rests.push(() => {
      take(decoder.end());
      if (begun !== "") this.#tell(channel, begun);
      begun = "";
    });
    return new Writable({
      write(chunk: Buffer, _encoding, done) {
        take(decoder.write(chunk));
        done();
      },
    });
  }

  #tell(channel: Channel, line: string): void {
    const text = line.replace(/\r$/, "");
    this.last.push(text.replace(CONTROL_SEQUENCES, "").slice(0, MAX_LAST_LINE_CHARS));
    if (this.last.length > MAX_LAST_LINES) this.last.shift();
    this.#onLine(channel, text);
  }
}

function splitLongLine(line: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at === 0 || at < line.length; at += MAX_LINE_CHARS) parts.push(line.slice(at, at + MAX_LINE_CHARS));
  return parts;
}
