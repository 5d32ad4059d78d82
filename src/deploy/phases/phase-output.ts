import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { Channel } from "../../streams/frames.ts";

/** Lines in the error of a failed phase. */
const MAX_LAST_LINES = 20;

/** Longer lines are split. */
const MAX_LINE_CHARS = 16 * 1024;

const MAX_LAST_LINE_CHARS = 200;

/** Colours and other control sequences. */
const CONTROL_SEQUENCES = /\p{Cc}(?:\[[\d;?]*[A-Za-z])?/gu;

type OnLine = (channel: Channel, text: string) => void;

/** Reports the output of a phase by line, and keeps the last lines. */
export class PhaseOutput {
  /** The last lines of stdout and stderr, without control sequences. */
  readonly last: string[] = [];
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly #onLine: OnLine;
  readonly #flushes: (() => void)[] = [];

  constructor(onLine: OnLine) {
    this.#onLine = onLine;
    this.stdout = this.#lines("stdout");
    this.stderr = this.#lines("stderr");
  }

  /** Reports incomplete lines. */
  end(): void {
    for (const flush of this.#flushes) flush();
  }

  #lines(channel: Channel): Writable {
    const decoder = new StringDecoder();
    let partial = "";
    const append = (text: string) => {
      const lines = (partial + text).split("\n").flatMap(splitLongLine);
      partial = lines.pop() ?? "";
      for (const line of lines) this.#emit(channel, line);
    };
    this.#flushes.push(() => {
      append(decoder.end());
      if (partial !== "") this.#emit(channel, partial);
      partial = "";
    });
    return new Writable({
      write(chunk: Buffer, _encoding, done) {
        append(decoder.write(chunk));
        done();
      },
    });
  }

  #emit(channel: Channel, line: string): void {
    const text = line.replace(/\r$/, "");
    this.last.push(text.replace(CONTROL_SEQUENCES, "").slice(0, MAX_LAST_LINE_CHARS));
    if (this.last.length > MAX_LAST_LINES) this.last.shift();
    this.#onLine(channel, text);
  }
}

function splitLongLine(line: string): string[] {
  const chunks: string[] = [];
  for (let at = 0; at === 0 || at < line.length; at += MAX_LINE_CHARS) chunks.push(line.slice(at, at + MAX_LINE_CHARS));
  return chunks;
}
