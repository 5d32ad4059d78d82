/** The duration of one measurement of the rate. */
const WINDOW_MS = 20;

/** Slower output is written immediately, so that the echo of a key is never delayed. */
const MIN_BYTES_PER_MS = 3_000;

/** Output that a pause should collect, in bytes: the socket of an engine holds about 100 KB of small frames. */
const TARGET_BYTES = 80 * 1024;

/** A longer pause reduces the rate itself, and timers are up to a millisecond late. */
const MAX_PAUSE_MS = 2;

/** A longer read needs no pause to be worth its system calls. */
const LONG_READ_BYTES = 64 * 1024;

/**
 * Joins the reads of bulk output. A container writes 4 KiB at a time, and oneoff would wake up for each of them,
 * on processors that the engine needs.
 */
export class ReadPacer {
  #windowStart = Number.NEGATIVE_INFINITY;
  #bytes = 0;
  #pauseMs = 0;

  /** @returns for how many milliseconds to pause after a read of `length` bytes at `nowMs`; 0 for no pause. */
  pauseAfter(length: number, nowMs: number): number {
    const elapsedMs = nowMs - this.#windowStart;
    if (elapsedMs >= WINDOW_MS) {
      this.#pauseMs = pauseFor(this.#bytes / elapsedMs);
      this.#bytes = 0;
      this.#windowStart = nowMs;
    }
    this.#bytes += length;
    return length < LONG_READ_BYTES ? this.#pauseMs : 0;
  }
}

/** @returns no pause for a rate at which the socket would be full before the end of a pause. */
const pauseFor = (bytesPerMs: number) =>
  bytesPerMs < MIN_BYTES_PER_MS ? 0 : Math.min(Math.floor(TARGET_BYTES / bytesPerMs), MAX_PAUSE_MS);
