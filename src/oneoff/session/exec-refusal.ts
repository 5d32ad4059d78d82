import { Buffer } from "node:buffer";
import type { ByteSource } from "../../streams/pump.ts";

/** Of a frame: which stream, and how long. */
const FRAME_HEADER_BYTES = 8;

/** How an engine begins that could not start the command of an exec. */
const PREFIXES = ["OCI runtime exec failed: ", "unable to find user ", "unable to find group "];

/** All that it then writes. */
const REFUSAL = /^(?:OCI runtime exec failed: |unable to find (?:user|group) ).*\r\n$/s;

/**
 * Docker writes why it could not start an exec's command where the command's output goes. That is held back, and nothing
 * else: it is there alone, up to the end.
 */
export function withoutRefusal(source: ByteSource, tty: boolean) {
  let held: Buffer | undefined = Buffer.alloc(0);
  let refusal: string | undefined;
  const textOf = (bytes: Buffer) => bytes.subarray(tty ? 0 : FRAME_HEADER_BYTES).toString();
  const output: ByteSource = {
    resume: () => source.resume(),
    async read(reader) {
      await source.read((chunk) => {
        if (!held) return reader(chunk);
        held = Buffer.concat([held, chunk]);
        const text = textOf(held);
        if (PREFIXES.some((prefix) => text.startsWith(prefix) || prefix.startsWith(text))) return true;
        const first = held;
        held = undefined;
        return reader(first);
      });
      if (!held) return;
      const text = textOf(held);
      if (REFUSAL.test(text)) refusal = text.trimEnd();
      else if (held.length > 0) reader(held);
    },
  };
  return {
    output,
    /** Why the command was not started, once the output has ended. */
    get refusal() {
      return refusal;
    },
  };
}
