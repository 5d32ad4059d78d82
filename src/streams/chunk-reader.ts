import { archiveCut } from "../errors/io.ts";
import type { ByteSource } from "./pump.ts";

/** Consumes bytes. Their memory is reused, so bytes that are kept must be copied. */
export type OnBytes = (bytes: Buffer) => void;

/** Reads a source in amounts; the source waits between reads. */
export class ChunkReader {
  readonly #source: ByteSource;
  /** Bytes that were received early. */
  #early: Buffer[] = [];
  #wanted = 0;
  #onBytes: OnBytes = () => {};
  #pending: PromiseWithResolvers<void> | undefined;
  #ended: { readonly error: unknown } | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
    source
      .read((chunk) => this.#receive(chunk, false))
      .then(
        () => this.#end(archiveCut()),
        (error: unknown) => this.#end(error),
      );
  }

  /** @throws OneoffError if the source ends early, and errors of `onBytes`. */
  async pass(length: number, onBytes: OnBytes): Promise<void> {
    if (length === 0) return;
    const pending = Promise.withResolvers<void>();
    this.#pending = pending;
    this.#wanted = length;
    this.#onBytes = onBytes;
    const early = this.#early;
    this.#early = [];
    for (const chunk of early) this.#receive(chunk, true);
    if (this.#wanted > 0) {
      if (this.#ended) pending.reject(this.#ended.error);
      else this.#source.resume();
    }
    return pending.promise;
  }

  /** The next bytes, as a copy. */
  async take(length: number): Promise<Buffer> {
    const taken = Buffer.alloc(length);
    let at = 0;
    await this.pass(length, (bytes) => {
      at += bytes.copy(taken, at);
    });
    return taken;
  }

  /** @param isStable whether the memory is not reused. */
  #receive(chunk: Buffer, isStable: boolean): boolean {
    const bytes = chunk.subarray(0, this.#wanted);
    if (bytes.length > 0) this.#hand(bytes);
    const rest = chunk.subarray(bytes.length);
    if (rest.length > 0) this.#early.push(isStable ? rest : Buffer.from(rest));
    return this.#wanted > 0;
  }

  #hand(bytes: Buffer): void {
    this.#wanted -= bytes.length;
    try {
      this.#onBytes(bytes);
    } catch (error) {
      this.#wanted = 0;
      this.#pending?.reject(error);
    }
    if (this.#wanted === 0) this.#pending?.resolve();
  }

  #end(error: unknown): void {
    this.#ended = { error };
    if (this.#wanted > 0) this.#pending?.reject(error);
  }
}
