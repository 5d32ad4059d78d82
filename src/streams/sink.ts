import type { Writable } from "node:stream";

/** How much may wait for a slow reader before the container is made to wait too, in bytes. */
const MAX_QUEUED = 8 * 1024 * 1024;

/** In bytes. */
const BLOCK = 256 * 1024;

interface Block {
  readonly bytes: Buffer;
  used: number;
  /** How many parts of it have not been written yet. */
  waiting: number;
}

const newBlock = (): Block => ({ bytes: Buffer.allocUnsafeSlow(BLOCK), used: 0, waiting: 0 });

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
  /** Blocks of which everything has been written. */
  readonly #free: Block[] = [];
  #block: Block = newBlock();
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
    this.#stream.cork();
    let from = this.#block.used;
    for (const payload of payloads) {
      for (let at = 0; at < payload.length; ) {
        const copied = payload.copy(this.#block.bytes, this.#block.used, at);
        at += copied;
        this.#block.used += copied;
        if (this.#block.used < BLOCK) continue;
        this.#send(this.#block, from);
        this.#block = this.#free.pop() ?? newBlock();
        from = 0;
      }
    }
    this.#send(this.#block, from);
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

  #send(block: Block, from: number): void {
    if (from === block.used) return;
    block.waiting += 1;
    this.#stream.write(block.bytes.subarray(from, block.used), () => {
      block.waiting -= 1;
      if (block.waiting > 0) return;
      block.used = 0;
      if (block !== this.#block) this.#free.push(block);
    });
  }

  readonly #fail = (error: NodeJS.ErrnoException) => {
    if (this.#broken) return;
    this.#broken = true;
    this.#onBroken(error);
    this.#onDrain();
  };
}
