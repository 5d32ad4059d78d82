import type { Writable } from "node:stream";

/** How much may wait for a slow reader before the container is made to wait too, in bytes. */
const MAX_QUEUED = 8 * 1024 * 1024;

const BLOCK = 256 * 1024;

/**
 * One of our own outputs. What the reader does not take at once is queued up to a bound: a container that ends
 * while its reader is slow must find its last megabyte taken, since the engine waits only two seconds for that.
 * Everything is copied, into blocks that are used again once they are written: whoever brings it need not keep it, and
 * the many small pieces of a slow reader's queue do not each hold a large one.
 */
export class Sink {
  readonly #stream: Writable;
  readonly #onDrain: () => void;
  readonly #onBroken: (error: NodeJS.ErrnoException) => void;
  readonly #blocks: Buffer[] = [];
  /** Bytes of the blocks that are in use, from the first block on. */
  #used = 0;
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

  write(payloads: readonly Buffer[]): void {
    if (this.#broken) return;
    if (this.#stream.writableLength === 0) this.#used = 0;
    const from = this.#used;
    for (const payload of payloads) this.#copy(payload);
    this.#stream.cork();
    for (let at = from; at < this.#used; ) {
      const [block, offset] = this.#place(at);
      const part = block.subarray(offset, offset + this.#used - at);
      this.#stream.write(part);
      at += part.length;
    }
    this.#stream.uncork();
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
    this.#stream.off("error", this.#fail);
  }

  #copy(payload: Buffer): void {
    for (let at = 0; at < payload.length; ) {
      const [block, offset] = this.#place(this.#used);
      const copied = payload.copy(block, offset, at);
      at += copied;
      this.#used += copied;
    }
  }

  #place(at: number): [block: Buffer, offset: number] {
    const offset = at % BLOCK;
    const index = (at - offset) / BLOCK;
    this.#blocks[index] ??= Buffer.allocUnsafeSlow(BLOCK);
    return [this.#blocks[index], offset];
  }

  readonly #fail = (error: NodeJS.ErrnoException) => {
    if (this.#broken) return;
    this.#broken = true;
    this.#onBroken(error);
    this.#onDrain();
  };
}
