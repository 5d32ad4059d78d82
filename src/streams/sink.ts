import type { Writable } from "node:stream";

/** How much may wait for a slow reader before the container is made to wait too, in bytes. */
const MAX_QUEUED = 8 * 1024 * 1024;

/**
 * One of our own outputs. What the reader does not take at once is queued up to a bound: a container that ends
 * while its reader is slow must find its last megabyte taken, since the engine waits only two seconds for that.
 */
export class Sink {
  readonly #stream: Writable;
  readonly #onDrain: () => void;
  readonly #onBroken: (error: NodeJS.ErrnoException) => void;
  #broken = false;

  /**
   * @param onDrain called whenever all that was queued has been written, or can no longer be.
   * @param onBroken called once: EPIPE when the reader has gone, ENOSPC when the disk is full.
   */
  constructor(stream: Writable, onDrain: () => void, onBroken: (error: NodeJS.ErrnoException) => void) {
    this.#stream = stream;
    this.#onDrain = onDrain;
    this.#onBroken = onBroken;
    stream.on("drain", onDrain);
    stream.on("error", this.#fail);
  }

  /** @returns true when every byte has left: the memory may be used again. */
  write(payloads: readonly Buffer[]): boolean {
    if (this.#broken || payloads.length === 0) return true;
    this.#stream.cork();
    for (const payload of payloads) this.#stream.write(payload);
    this.#stream.uncork();
    return this.#stream.writableLength === 0;
  }

  get congested(): boolean {
    return !this.#broken && this.#stream.writableLength > MAX_QUEUED;
  }

  /** @returns once everything is written, or has failed to be. */
  flush(): Promise<void> {
    if (this.#broken || this.#stream.writableLength === 0) return Promise.resolve();
    return new Promise((resolve) => this.#stream.write("", () => resolve()));
  }

  [Symbol.dispose](): void {
    this.#stream.off("drain", this.#onDrain);
    // The error listener stays: a stream that failed may report it once more, and must not end the process.
  }

  readonly #fail = (error: NodeJS.ErrnoException) => {
    if (this.#broken) return;
    this.#broken = true;
    this.#onBroken(error);
    this.#onDrain();
  };
}
