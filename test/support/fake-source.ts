import { Buffer } from "node:buffer";
import { setImmediate as turn } from "node:timers/promises";
import type { ByteSource, Reader } from "../../src/streams/pump.ts";

/**
 * Something that brings bytes, in the hand of a test. As with the real ones all chunks come in the same memory, and
 * what was there is overwritten as soon as more may come: whoever looks later sees rubbish.
 */
export class FakeSource implements ByteSource, Disposable {
  readonly #memory = Buffer.alloc(64 * 1024);
  readonly #over = Promise.withResolvers<void>();
  #reader: Reader | undefined;
  /** Whether the reader has said that it has enough, and not asked for more since. */
  paused = false;
  disposed = false;

  get isRead(): boolean {
    return this.#reader !== undefined;
  }

  read(reader: Reader): Promise<void> {
    this.#reader = reader;
    return this.#over.promise;
  }

  resume(): void {
    if (this.paused) this.#memory.fill("?");
    this.paused = false;
  }

  /** One chunk, of 64 KiB at most. */
  bring(bytes: Uint8Array): void {
    if (this.paused) throw new Error("The reader has said that it has enough");
    this.#memory.set(bytes);
    this.paused = this.#reader?.(this.#memory.subarray(0, bytes.length)) === false;
    if (!this.paused) this.#memory.fill("?");
  }

  /** In chunks of this size, each in a turn of its own; waits while the reader has enough. */
  async bringAll(bytes: Buffer, size = 64 * 1024): Promise<void> {
    for (let at = 0; at < bytes.length; at += size) {
      do await turn();
      while (this.paused);
      this.bring(bytes.subarray(at, at + size));
    }
  }

  end(): void {
    this.#over.resolve();
  }

  break(error: Error): void {
    this.#over.reject(error);
  }

  [Symbol.dispose](): void {
    this.disposed = true;
    this.#over.resolve();
  }
}
