import type { Writable } from "node:stream";
import { streamCut } from "../errors/io.ts";
import { type Channel, FrameParser } from "./frames.ts";
import { Sink } from "./sink.ts";

/** What reads a source. `false` means "enough for now": nothing more comes until `resume` is called. */
export type Reader = (chunk: Buffer) => boolean;

/** Something that brings bytes, into memory of its own that it uses again for each chunk. */
export interface ByteSource {
  /** @returns once the other side has ended; rejects when the connection broke. */
  read(reader: Reader): Promise<void>;
  resume(): void;
}

/**
 * Brings a container's output to ours: raw for a terminal, where there is one stream, taken apart otherwise.
 * An output that cannot be written any more is reported once, and the rest for it dropped.
 * While one output is congested the container waits, as it would for a pipe of its own.
 * @returns once everything has come and has been written. @throws OneoffError when the stream is cut or garbled.
 */
export async function pumpOutput(
  source: ByteSource,
  format: "raw" | "multiplexed",
  outputs: Readonly<Record<Channel, Writable>>,
  onBroken: (channel: Channel, error: NodeJS.ErrnoException) => void,
): Promise<void> {
  const resume = () => {
    if (!stdout.congested && !stderr.congested) source.resume();
  };
  using stdout = new Sink(outputs.stdout, resume, (error) => onBroken("stdout", error));
  using stderr = new Sink(outputs.stderr, resume, (error) => onBroken("stderr", error));
  const sinks = { stdout, stderr };
  const batches: { channel: Channel; payloads: Buffer[] }[] = [];
  const frames = new FrameParser((channel, payload) => {
    const last = batches.at(-1);
    if (last?.channel === channel) last.payloads.push(payload);
    else batches.push({ channel, payloads: [payload] });
  });
  const garbled = Promise.withResolvers<never>();

  const read: Reader = (chunk) => {
    let whole = true;
    if (format === "raw") batches.push({ channel: "stdout", payloads: [chunk] });
    else {
      try {
        frames.push(chunk);
      } catch (error) {
        garbled.reject(error);
        whole = false;
      }
    }
    for (const { channel, payloads } of batches.splice(0)) {
      sinks[channel].write(payloads);
    }
    return whole && !stdout.congested && !stderr.congested;
  };

  try {
    await Promise.race([source.read(read), garbled.promise]);
  } finally {
    await Promise.all([stdout.flush(), stderr.flush()]);
  }
  if (frames.missing > 0) throw streamCut(frames.missing);
}
