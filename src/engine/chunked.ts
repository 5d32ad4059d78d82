import type { Reader } from "../streams/pump.ts";

/** The line before a chunk, with the line end of the previous chunk: `\r\n[length in hexadecimal][;extension]\r\n`. */
const LONGEST_LINE = 256;

/**
 * Decodes a chunked HTTP body, wherever its reads are split. Nothing is copied or buffered: the content of a
 * chunk is passed to `reader`.
 */
export class ChunkedBody {
  readonly #reader: Reader;
  #line = "";
  #left = 0;
  /** Whether the last, empty chunk was received. */
  ended = false;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** @returns the last result of the reader. @throws Error for invalid chunks. */
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
    // The line end of the previous chunk.
    if (line === "") return;
    const [length = ""] = line.split(";");
    if (!/^[0-9a-f]+ *$/i.test(length)) throw new Error("expected the length of a chunk");
    this.#left = Number.parseInt(length, 16);
    this.ended = this.#left === 0;
  }
}
