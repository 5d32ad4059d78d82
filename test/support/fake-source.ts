import { Buffer } from "node:buffer";
import { setImmediate as turn } from "node:timers/promises";
import type { ByteSource, Reader } from "../../src/streams/pump.ts";

/**
 * A connection in the hand of a test. As the real one it brings all chunks in the same memory, and what was there is
 * overwritten as soon as the reader is done with it: whoever looks later sees rubbish.
 */
export class FakeSource implements ByteSource {
  readonly #memory = Buffer.alloc(64 * 1024);
  #reader: Reader | undefined;
  readonly #over = Promise.withResolvers<void>();
  /** Whether the reader has said that it has enough, and not asked for more since. */
  paused = false;

  read(reader: Reader): Promise<void> {
    this.#reader = reader;
    return this.#over.promise;
  }

  resume(): void {
    this.paused = false;
  }

  /** One chunk, of 64 KiB at most. */
  bring(bytes: Uint8Array): void {
    if (this.paused) throw new Error("The reader has said that it has enough");
    const chunk = this.#memory.subarray(0, bytes.length);
    chunk.set(bytes);
    this.paused = this.#reader?.(chunk) === false;
    chunk.fill("?");
  }

  /** As much as the reader takes, in chunks of this size; waits while it has enough. */
  async bringAll(bytes: Buffer, size = 64 * 1024): Promise<void> {
    for (let at = 0; at < bytes.length; at += size) {
      while (this.paused) await turn();
      this.bring(bytes.subarray(at, at + size));
    }
  }

  end(): void {
    this.#over.resolve();
  }

  break(error: Error): void {
    this.#over.reject(error);
  }
}
