/** A pause of a reader. A long one hangs up, so that a container with other users does not wait for the reader. */
export class ReadPause {
  readonly #limitMs: number | undefined;
  readonly #hangUp: () => void;
  #timer: NodeJS.Timeout | undefined;
  #resumed = Promise.withResolvers<void>();

  /** @param limitMs undefined for a container that waits as long as the reader. */
  constructor(limitMs: number | undefined, hangUp: () => void) {
    this.#limitMs = limitMs;
    this.#hangUp = hangUp;
    this.#resumed.resolve();
  }

  /** Resolves when the reader is ready. */
  get ended(): Promise<void> {
    return this.#resumed.promise;
  }

  /** @param read returns false if the reader pauses. @returns the same. */
  offer(read: () => boolean): boolean {
    const hasRoom = read();
    if (!hasRoom) {
      this.#resumed = Promise.withResolvers();
      if (this.#limitMs !== undefined) this.#timer ??= setTimeout(this.#hangUp, this.#limitMs);
    }
    return hasRoom;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#resumed.resolve();
  }
}
