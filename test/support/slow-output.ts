import { Buffer } from "node:buffer";
import { Writable } from "node:stream";

/** An output whose reader is controlled by a test: it blocks until released, and can fail. */
export class SlowOutput extends Writable {
  readonly #taken: Buffer[] = [];
  readonly #discard: boolean;
  /** Ends the pending write: with success, or with an error. */
  #settle: ((error?: Error) => void) | undefined;
  #released = false;

  /** @param discard drops the bytes, for large outputs. */
  constructor({ discard = false } = {}) {
    super();
    this.#discard = discard;
  }

  // Chunks are held without a copy, so that memory that is reused too early shows.
  override _write(chunk: Buffer, _encoding: unknown, done: (error?: Error) => void): void {
    this.#settle = (error) => {
      this.#settle = undefined;
      if (!error && !this.#discard) this.#taken.push(Buffer.from(chunk));
      done(error);
    };
    if (this.#released) this.#settle();
  }

  /** Accepts everything from now on. */
  release(): void {
    this.#released = true;
    this.#settle?.();
  }

  /** Accepts the pending write and blocks the next. */
  takeOne(): void {
    this.#settle?.();
  }

  /** Fails as if the reader had closed it or the disk were full. */
  breakWith(code: string): void {
    const error = Object.assign(new Error(`write ${code}`), { code });
    if (this.#settle) this.#settle(error);
    else this.destroy(error);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#taken);
  }
}
