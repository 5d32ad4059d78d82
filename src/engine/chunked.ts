import type { Reader } from "../streams/pump.ts";

/** Between chunks: `[length in hexadecimal][;anything]\r\n`, with the line end of the chunk before in front. */
const LONGEST_LINE = 256;

/**
 * Takes the chunks of an HTTP body apart as they come, wherever they were cut. Nothing is copied or gathered: what is in a
 * chunk goes on to `reader`.
 */
export class ChunkedBody {
  readonly #reader: Reader;
  #line = "";
  #left = 0;
  /** Whether the last chunk, which is empty, has come. */
  ended = false;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** @returns what the reader has said last. @throws Error for what is no chunk. */
  push(bytes: Buffer): boolean {
    let more = true;
    for (let at = 0; at < bytes.length && !this.ended; ) {
      if (this.#left > 0) {
        const piece = bytes.subarray(at, at + this.#left);
        at += piece.length;
        this.#left -= piece.length;
        more = this.#reader(piece);
      } else {
        const end = bytes.indexOf(10, at);
        const next = end < 0 ? bytes.length : end + 1;
        this.#line += bytes.toString("latin1", at, next);
        at = next;
        if (this.#line.length > LONGEST_LINE) throw new Error("expected the length of a chunk");
        if (end >= 0) this.#begin();
      }
    }
    return more;
  }

  #begin(): void {
    const line = this.#line.trim();
    this.#line = "";
    // The end of the chunk before.
    if (line === "") return;
    const [length = ""] = line.split(";");
    if (!/^[0-9a-f]+ *$/i.test(length)) throw new Error("expected the length of a chunk");
    this.#left = Number.parseInt(length, 16);
    this.ended = this.#left === 0;
  }
}
