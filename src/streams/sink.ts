import type { Writable } from "node:stream";

/** Maximum queue for a slow reader in bytes; beyond it the container waits. */
const MAX_QUEUED = 8 * 1024 * 1024;

/** In bytes. */
const BLOCK = 256 * 1024;

interface Block {
  readonly bytes: Buffer;
  used: number;
  /** Number of parts that are not written yet. */
  waiting: number;
}

const newBlock = (): Block => ({ bytes: Buffer.allocUnsafeSlow(BLOCK), used: 0, waiting: 0 });

/**
 * An output of oneoff. Bytes that the reader does not accept at once are queued up to a limit: if a container exits
 * while its reader is slow, its last megabyte must be queued, because the engine waits for only two seconds.
 * Bytes are copied to reusable blocks: the caller need not keep them, and
 * small chunks in the queue do not retain large buffers.
 */
export class Sink {
  readonly #stream: Writable;
  readonly #onDrain: () => void;
  readonly #onBroken: (error: NodeJS.ErrnoException) => void;
  /** Blocks that are written completely. */
  readonly #free: Block[] = [];
  #block: Block = newBlock();
  #broken = false;

  /**
   * @param onDrain called whenever the queue is written or discarded.
   * @param onBroken called once: EPIPE if the reader closed its end, ENOSPC if the disk is full.
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

  /** Resolves when everything is written or has failed. */
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
