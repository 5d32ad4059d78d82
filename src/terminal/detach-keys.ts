import { Buffer } from "node:buffer";
import { badDetachKeys } from "../errors/io.ts";

/**
 * `ctrl-p,ctrl-q` as bytes: single characters, `ctrl-` with a letter or one of `@ [ \ ] ^ _`, or `DEL`.
 * The syntax of the docker client. An empty string disables detaching.
 * @param source the origin of the keys, for errors.
 */
export function parseDetachKeys(keys: string, source = "--detach-keys"): Buffer {
  if (keys === "") return Buffer.alloc(0);
  return Buffer.from(
    keys.split(",").map((key) => {
      const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)?.[1];
      if (control) return control.toUpperCase().charCodeAt(0) & 0x1f;
      if (key === "DEL") return 0x7f;
      if (/^[\x21-\x7e]$/.test(key)) return key.charCodeAt(0);
      throw badDetachKeys(source, keys, key);
    }),
  );
}

/** The inverse of `parseDetachKeys`. */
export const formatDetachKeys = (keys: Uint8Array): string =>
  Array.from(keys, (key) => {
    if (key === 0x7f) return "DEL";
    return key < 0x20 ? `ctrl-${String.fromCharCode(key | 0x40).toLowerCase()}` : String.fromCharCode(key);
  }).join(",");

/**
 * Detects the detach keys in input. Keys that may begin the sequence are held back: a forwarded ctrl-p makes a
 * shell recall its last command, which the next Enter would run.
 */
export class DetachScanner {
  readonly #keys: Buffer;
  /** For each number of matched keys, the number that still match after a mismatch (Knuth-Morris-Pratt). */
  readonly #fallback: number[];
  #matched = 0;

  constructor(keys: Buffer) {
    this.#keys = keys;
    this.#fallback = Array.from(keys, (_, length) => {
      const matched = keys.subarray(0, length);
      for (let shorter = length - 1; shorter > 0; shorter -= 1) {
        if (matched.subarray(-shorter).equals(keys.subarray(0, shorter))) return shorter;
      }
      return 0;
    });
  }

  /** Whether keys are held back. */
  get isHolding(): boolean {
    return this.#matched > 0;
  }

  /** @returns the input to forward, and whether the sequence is complete after it. */
  scan(typed: Buffer): { forward: Buffer; detached: boolean } {
    if (this.#keys.length === 0) return { forward: typed, detached: false };
    const all = Buffer.concat([this.#keys.subarray(0, this.#matched), typed]);
    for (let at = this.#matched; at < all.length; at += 1) {
      while (this.#matched > 0 && all[at] !== this.#keys[this.#matched]) {
        this.#matched = this.#fallback[this.#matched] ?? 0;
      }
      if (all[at] === this.#keys[this.#matched]) this.#matched += 1;
      if (this.#matched === this.#keys.length) {
        return { forward: all.subarray(0, at + 1 - this.#keys.length), detached: true };
      }
    }
    return { forward: all.subarray(0, all.length - this.#matched), detached: false };
  }

  /** Releases held keys after a pause. @returns the input to forward. */
  release(): Buffer {
    const held = this.#keys.subarray(0, this.#matched);
    this.#matched = 0;
    return held;
  }
}
