import { Buffer } from "node:buffer";
import { setImmediate as turn } from "node:timers/promises";
import type { ByteSource, Reader } from "../../src/streams/pump.ts";

/**
 * A source of bytes that a test controls. Like real sources it reuses one buffer, and overwrites it before the next
 * chunk, so that a reader that keeps a chunk fails.
 */
export class FakeSource implements ByteSource, Disposable {
  readonly #memory = Buffer.alloc(64 * 1024);
  readonly #over = Promise.withResolvers<void>();
  #reader: Reader | undefined;
  /** Whether the reader has paused the source. */
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

  /** Sends one chunk of up to 64 KiB. */
  bring(bytes: Uint8Array): void {
    if (this.paused) throw new Error("The reader has paused the source");
    this.#memory.set(bytes);
    this.paused = this.#reader?.(this.#memory.subarray(0, bytes.length)) === false;
    if (!this.paused) this.#memory.fill("?");
  }

  /** Sends chunks of this size, one per turn of the event loop; waits while paused. */
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
