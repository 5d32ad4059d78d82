import { Buffer } from "node:buffer";
import { Writable } from "node:stream";
import { expect, test, vi } from "vitest";
import { Sink } from "../../../src/streams/sink.ts";
import { RecordingStream } from "../../support/fake-terminal.ts";
import { SlowOutput } from "../../support/slow-output.ts";

const MiB = 1024 * 1024;
const sinkTo = (stream: Writable) => {
  const onDrain = vi.fn();
  const onBroken = vi.fn();
  return { sink: new Sink(stream, onDrain, onBroken), onDrain, onBroken };
};

/** `once` would treat the error as its own. */
const closed = (stream: Writable) => new Promise((resolve) => stream.once("close", resolve));

test("accepts buffers that are reused at once, whether or not the reader is slow", async () => {
  const output = new SlowOutput();
  const { sink } = sinkTo(output);
  for (const text of ["one ", "two ", "three"]) {
    const memory = Buffer.from(text);
    sink.write([memory]);
    memory.fill("?");
  }
  output.release();
  await sink.flush();
  expect(output.bytes.toString()).toBe("one two three");
});

test("stores many small pending chunks in shared memory", () => {
  const output = new SlowOutput();
  const { sink } = sinkTo(output);
  const seen = vi.spyOn(output, "write");
  for (let piece = 0; piece < 1000; piece += 1) sink.write([Buffer.from("x")]);
  expect(new Set(seen.mock.calls.map(([chunk]) => (chunk as Buffer).buffer)).size).toBe(1);
});

test("delivers a large chunk whole, in any parts", async () => {
  const output = new SlowOutput();
  const { sink } = sinkTo(output);
  const large = Buffer.from(Array.from({ length: MiB }, (_, index) => index % 251));
  sink.write([Buffer.from("x"), large]);
  output.release();
  await sink.flush();
  expect(output.bytes.equals(Buffer.concat([Buffer.from("x"), large]))).toBe(true);
});

test("does not overwrite a chunk that is being written", async () => {
  const output = new SlowOutput();
  const { sink } = sinkTo(output);
  const sent: string[] = [];
  for (let n = 0; n < 5_000; n += 1) {
    const text = `${n} `.repeat(1 + (n % 50));
    sent.push(text);
    sink.write([Buffer.from(text)]);
    if (n % 3 !== 0) output.takeOne();
  }
  output.release();
  await sink.flush();
  expect(output.bytes.toString()).toBe(sent.join(""));
});

test("uses constant memory for a reader that is always slightly behind", () => {
  const output = new SlowOutput({ discard: true });
  const { sink } = sinkTo(output);
  const memory = Buffer.alloc(64 * 1024);
  const before = process.memoryUsage().arrayBuffers;
  sink.write([memory]);
  for (let n = 0; n < 2_000; n += 1) {
    sink.write([memory]);
    output.takeOne();
  }
  expect(output.writableLength).toBe(memory.length);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * MiB);
});

test("writes the payloads of one call as one writev", () => {
  const writev = vi.fn((_chunks: unknown, done: () => void) => done());
  const { sink } = sinkTo(new Writable({ writev }));
  sink.write([Buffer.from("a"), Buffer.from("b"), Buffer.from("c")]);
  expect(writev).toHaveBeenCalledTimes(1);
});

test("reports congestion above 8 MiB until the output has drained", async () => {
  const output = new SlowOutput();
  const { sink, onDrain } = sinkTo(output);
  sink.write([Buffer.alloc(8 * MiB)]);
  expect(sink.congested).toBe(false);
  sink.write([Buffer.alloc(1)]);
  expect(sink.congested).toBe(true);
  expect(onDrain).not.toHaveBeenCalled();
  output.release();
  await expect.poll(() => onDrain.mock.calls.length).toBe(1);
  expect(sink.congested).toBe(false);
});

test("flushes only when everything is written", async () => {
  const output = new SlowOutput();
  const { sink } = sinkTo(output);
  await sink.flush();
  sink.write([Buffer.from("a"), Buffer.from("b")]);
  const flushed = sink.flush();
  expect(await Promise.race([flushed, "waiting"])).toBe("waiting");
  output.takeOne();
  expect(await Promise.race([flushed, "waiting"])).toBe("waiting");
  output.release();
  await flushed;
  expect(output.bytes.toString()).toBe("ab");
});

test.each(["EPIPE", "ENOSPC"])("reports an output that breaks by %s once, and writes no more", async (code) => {
  const output = new SlowOutput();
  const { sink, onDrain, onBroken } = sinkTo(output);
  sink.write([Buffer.alloc(9 * MiB)]);
  const flushed = sink.flush();
  output.breakWith(code);
  await closed(output);
  expect(onBroken.mock.calls).toEqual([[expect.objectContaining({ code })]]);
  // Flushing must not wait for a closed reader.
  expect(onDrain).toHaveBeenCalled();
  expect(sink.congested).toBe(false);
  await flushed;
  await sink.flush();
  sink.write([Buffer.alloc(9 * MiB)]);
  expect(sink.congested).toBe(false);
  output.emit("error", Object.assign(new Error("again"), { code }));
  expect(onBroken).toHaveBeenCalledTimes(1);
});

test("writes nothing without payloads", () => {
  const output = new SlowOutput();
  const { sink } = sinkTo(output);
  sink.write([]);
  expect(output.writableLength).toBe(0);
});

test("removes its listeners when disposed of", async () => {
  const output = new SlowOutput();
  output.on("error", () => {});
  const { sink, onDrain, onBroken } = sinkTo(output);
  sink.write([Buffer.alloc(MiB)]);
  sink[Symbol.dispose]();
  output.release();
  await expect.poll(() => output.writableLength).toBe(0);
  output.breakWith("EPIPE");
  await closed(output);
  expect({ drained: onDrain.mock.calls, broken: onBroken.mock.calls }).toEqual({ drained: [], broken: [] });
});

test("leaves no listeners on the output after many sinks in sequence", () => {
  const output = new RecordingStream();
  for (let n = 0; n < 20; n += 1) sinkTo(output).sink[Symbol.dispose]();
  expect(output.listenerCount("error")).toBeLessThanOrEqual(1);
  expect(output.listenerCount("drain")).toBe(0);
});
