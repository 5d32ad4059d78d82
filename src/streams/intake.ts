import { archiveCut } from "../errors/io.ts";
import type { ByteSource } from "./pump.ts";

/** Consumes bytes. Their memory is reused, so bytes that are kept must be copied. */
export type Taker = (piece: Buffer) => void;

/** Reads a source in amounts; the source waits between reads. */
export class Intake {
  readonly #source: ByteSource;
  /** Bytes that were received early. */
  #early: Buffer[] = [];
  #wanted = 0;
  #taker: Taker = () => {};
  #asked: PromiseWithResolvers<void> | undefined;
  #over: { readonly error: unknown } | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
    source
      .read((chunk) => this.#receive(chunk, false))
      .then(
        () => this.#end(archiveCut()),
        (error: unknown) => this.#end(error),
      );
  }

  /** @throws OneoffError if the source ends early, and errors of `taker`. */
  async pass(length: number, taker: Taker): Promise<void> {
    if (length === 0) return;
    const asked = Promise.withResolvers<void>();
    this.#asked = asked;
    this.#wanted = length;
    this.#taker = taker;
    const early = this.#early;
    this.#early = [];
    for (const chunk of early) this.#receive(chunk, true);
    if (this.#wanted > 0) {
      if (this.#over) asked.reject(this.#over.error);
      else this.#source.resume();
    }
    return asked.promise;
  }

  /** The next bytes, as a copy. */
  async take(length: number): Promise<Buffer> {
    const taken = Buffer.alloc(length);
    let at = 0;
    await this.pass(length, (piece) => {
      at += piece.copy(taken, at);
    });
    return taken;
  }

  /** @param isStable whether the memory is not reused. */
  #receive(chunk: Buffer, isStable: boolean): boolean {
    const piece = chunk.subarray(0, this.#wanted);
    if (piece.length > 0) this.#hand(piece);
    const rest = chunk.subarray(piece.length);
    if (rest.length > 0) this.#early.push(isStable ? rest : Buffer.from(rest));
    return this.#wanted > 0;
  }

  #hand(piece: Buffer): void {
    this.#wanted -= piece.length;
    try {
      this.#taker(piece);
    } catch (error) {
      this.#wanted = 0;
      this.#asked?.reject(error);
    }
    if (this.#wanted === 0) this.#asked?.resolve();
  }

  #end(error: unknown): void {
    this.#over = { error };
    if (this.#wanted > 0) this.#asked?.reject(error);
  }
}
