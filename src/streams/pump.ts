import type { Writable } from "node:stream";
import { streamCut } from "../errors/io.ts";
import { type Channel, FrameParser } from "./frames.ts";
import { ReadPacer } from "./read-pacer.ts";
import { Sink } from "./sink.ts";

/** The reader of a source. `false` pauses the source until `resume` is called. */
export type Reader = (chunk: Buffer) => boolean;

/** A source of bytes that reuses its memory for each chunk. */
export interface ByteSource {
  /** Resolves at the end of the stream; rejects if the connection is lost. */
  read(reader: Reader): Promise<void>;
  resume(): void;
}

/**
 * Copies the output of a container to oneoff's outputs: raw with a TTY, demultiplexed without.
 * A failed output is reported once, and further bytes for it are dropped.
 * While an output is congested, the container waits, as for a pipe.
 * @returns when everything is received and written. @throws OneoffError if the stream is truncated or invalid.
 */
export async function pumpOutput(
  source: ByteSource,
  format: "raw" | "multiplexed",
  outputs: Readonly<Record<Channel, Writable>>,
  onBroken: (channel: Channel, error: NodeJS.ErrnoException) => void,
): Promise<void> {
  const pacer = new ReadPacer();
  let pause: NodeJS.Timeout | undefined;
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
    if (!whole || stdout.congested || stderr.congested) return false;
    const pauseMs = pacer.pauseAfter(chunk.length, performance.now());
    if (pauseMs > 0) pause = setTimeout(resume, pauseMs);
    return pauseMs === 0;
  };

  try {
    await Promise.race([source.read(read), garbled.promise]);
  } finally {
    clearTimeout(pause);
    await Promise.all([stdout.flush(), stderr.flush()]);
  }
  if (frames.missing > 0) throw streamCut(frames.missing);
}
