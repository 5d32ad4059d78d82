import { Buffer } from "node:buffer";
import type { ByteSource } from "../../streams/pump.ts";

/** A frame header: channel and length. */
const FRAME_HEADER_BYTES = 8;

/** How an engine's message begins when it cannot start the command of an exec. */
const PREFIXES = ["OCI runtime exec failed: ", "unable to find user ", "unable to find group "];

/** The complete message. */
const REFUSAL = /^(?:OCI runtime exec failed: |unable to find (?:user|group) ).*\r\n$/s;

/**
 * Docker writes the reason for a failed exec into the output of the command. Only that message is held back: it is the
 * whole output.
 */
export function filterRefusal(source: ByteSource, tty: boolean) {
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
    /** Why the command was not started. Known when the output has ended. */
    get refusal() {
      return refusal;
    },
  };
}
