import { Buffer } from "node:buffer";
import { type Channel, FrameParser } from "../../streams/frames.ts";
import type { ByteSource } from "../../streams/pump.ts";

/** How an engine's message begins when it cannot start the command of an exec. */
const PREFIXES = [
  "OCI runtime exec failed: ",
  "unable to find user ",
  "unable to find group ",
  "uids and gids must be in range ",
  "Error: crun: ",
  "Error: runc: ",
];

/** The complete message: of Docker on stdout, and of Podman on stderr, often followed by an error of its own socket. */
const REFUSALS = [
  /^(?<reason>(?:OCI runtime exec failed:|unable to find (?:user|group)|uids and gids) .*)\r\n$/s,
  /^Error: (?<reason>(?:crun|runc): [^\r\n]*)\r?\n(?:Error: read unixpacket [^\r\n]*\r?\n)?$/,
];

/** The name of a program can have 4096 bytes, and a message may repeat it. */
const MAX_MESSAGE_BYTES = 16 * 1024;

interface Refusal extends Held {
  /** The engine's message. */
  readonly reason: string;
}

interface Held {
  readonly channel: Channel;
  readonly text: string;
}

/**
 * Engines write the reason for a failed exec into the output of the command. Only that message is held back: it is the
 * whole output.
 */
export function filterRefusal(source: ByteSource, tty: boolean) {
  let held: Buffer | undefined = Buffer.alloc(0);
  let refusal: Refusal | undefined;
  const output: ByteSource = {
    resume: () => source.resume(),
    async read(reader) {
      await source.read((chunk) => {
        if (!held) return reader(chunk);
        held = Buffer.concat([held, chunk]);
        const text = held.length > MAX_MESSAGE_BYTES ? undefined : readHeld(held, tty)?.text;
        if (text !== undefined && PREFIXES.some((prefix) => text.startsWith(prefix) || prefix.startsWith(text)))
          return true;
        const first = held;
        held = undefined;
        return reader(first);
      });
      if (!held) return;
      refusal = toRefusal(readHeld(held, tty));
      if (!refusal && held.length > 0) reader(held);
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

function toRefusal(held: Held | undefined): Refusal | undefined {
  const reason = REFUSALS.map((pattern) => pattern.exec(held?.text ?? "")?.groups?.reason).find(Boolean);
  return held && reason !== undefined ? { ...held, reason } : undefined;
}

/** @returns undefined if there is output on both channels. */
function readHeld(bytes: Buffer, tty: boolean): Held | undefined {
  if (tty) return { channel: "stdout", text: bytes.toString() };
  const texts = new Map<Channel, string>();
  try {
    new FrameParser((channel, payload) => {
      texts.set(channel, `${texts.get(channel) ?? ""}${payload}`);
    }).push(bytes);
  } catch {
    // The next reader of the stream reports malformed frames.
    return undefined;
  }
  const [[channel, text] = ["stdout", ""] as const, other] = texts;
  return other ? undefined : { channel, text };
}
