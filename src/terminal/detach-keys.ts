import { badDetachKeys } from "../errors.ts";

/**
 * `ctrl-p,ctrl-q` as bytes: single characters, `ctrl-` with a letter or one of `@ [ \ ] ^ _`, or `DEL`.
 * Source: the syntax of the docker client. An empty string means that nothing detaches.
 */
export function parseDetachKeys(keys: string): Buffer {
  if (keys === "") return Buffer.alloc(0);
  return Buffer.from(
    keys.split(",").map((key) => {
      const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)?.[1];
      if (control) return control.toUpperCase().charCodeAt(0) & 0x1f;
      if (key === "DEL") return 0x7f;
      if (/^[\x21-\x7e]$/.test(key)) return key.charCodeAt(0);
      throw badDetachKeys(keys, key);
    }),
  );
}

/**
 * Looks for the detach keys in what is typed. Keys that may be their beginning are passed on at once, and only the
 * last one is swallowed: a ctrl-p must not wait in here for the key after it.
 */
export class DetachScanner {
  readonly #keys: Buffer;
  /** For each number of keys that matched, how many still do when the next one does not (Knuth, Morris and Pratt). */
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

  /** @returns how many bytes to pass on, and whether the keys were completed just after them. */
  scan(typed: Buffer): { forward: Buffer; detached: boolean } {
    if (this.#keys.length === 0) return { forward: typed, detached: false };
    for (let at = 0; at < typed.length; at += 1) {
      while (this.#matched > 0 && typed[at] !== this.#keys[this.#matched]) {
        this.#matched = this.#fallback[this.#matched] ?? 0;
      }
      if (typed[at] === this.#keys[this.#matched]) this.#matched += 1;
      if (this.#matched === this.#keys.length) return { forward: typed.subarray(0, at), detached: true };
    }
    return { forward: typed, detached: false };
  }
}
