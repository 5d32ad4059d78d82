import { Buffer } from "node:buffer";
import type { Channel } from "../../streams/frames.ts";
import type { ByteSource } from "../../streams/pump.ts";
import type { OutputFollower } from "./output-follower.ts";

const TYPES = { stdout: 1, stderr: 2 } as const;

/** Encodes a frame of the engine's multiplexed stream. */
export function encodeFrame(channel: Channel, bytes: Buffer): Buffer {
  const header = Buffer.from([TYPES[channel], 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

/** The output of a follower in the engine's format: raw with a TTY, multiplexed otherwise. */
export function frameOutput(follower: OutputFollower, { tty }: { readonly tty: boolean }): ByteSource & Disposable {
  return {
    async read(reader) {
      await follower.read(({ channel, bytes }) => reader(tty ? bytes : encodeFrame(channel, bytes)));
    },
    resume: () => follower.resume(),
    [Symbol.dispose]: () => follower[Symbol.dispose](),
  };
}
