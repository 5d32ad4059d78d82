import { Buffer } from "node:buffer";
import { Writable } from "node:stream";

/** An output whose reader is in the hand of a test: it takes nothing until it is released, and may break. */
export class SlowOutput extends Writable {
  readonly #taken: Buffer[] = [];
  readonly #discard: boolean;
  /** Ends the write under way: with the bytes taken, or with an error. */
  #settle: ((error?: Error) => void) | undefined;
  #released = false;

  /** @param discard for more bytes than anybody wants to look at. */
  constructor({ discard = false } = {}) {
    super();
    this.#discard = discard;
  }

  // Held as they are, not copied: memory that is used again too early shows.
  override _write(chunk: Buffer, _encoding: unknown, done: (error?: Error) => void): void {
    this.#settle = (error) => {
      this.#settle = undefined;
      if (!error && !this.#discard) this.#taken.push(Buffer.from(chunk));
      done(error);
    };
    if (this.#released) this.#settle();
  }

  /** From now on everything is taken as it comes. */
  release(): void {
    this.#released = true;
    this.#settle?.();
  }

  /** Takes what waits, and lets the next wait again. */
  takeOne(): void {
    this.#settle?.();
  }

  /** Its reader goes away, or its disk is full. */
  breakWith(code: string): void {
    const error = Object.assign(new Error(`write ${code}`), { code });
    if (this.#settle) this.#settle(error);
    else this.destroy(error);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#taken);
  }
}
