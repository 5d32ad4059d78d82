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
  #matched = 0;

  constructor(keys: Buffer) {
    this.#keys = keys;
  }

  /** @returns how many bytes to pass on, and whether the keys were completed just after them. */
  scan(typed: Buffer): { forward: Buffer; detached: boolean } {
    if (this.#keys.length === 0) return { forward: typed, detached: false };
    for (const [at, byte] of typed.entries()) {
      if (byte !== this.#keys[this.#matched]) this.#matched = byte === this.#keys[0] ? 1 : 0;
      else this.#matched += 1;
      if (this.#matched === this.#keys.length) return { forward: typed.subarray(0, at), detached: true };
    }
    return { forward: typed, detached: false };
  }
}
