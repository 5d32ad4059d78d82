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

/** `once` would take the error for its own. */
const closed = (stream: Writable) => new Promise((resolve) => stream.once("close", resolve));

test("what was given may be overwritten at once, whether the reader takes it or not", async () => {
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

test("many small pieces that wait share their memory", () => {
  const output = new SlowOutput();
  const { sink } = sinkTo(output);
  const seen = vi.spyOn(output, "write");
  for (let piece = 0; piece < 1000; piece += 1) sink.write([Buffer.from("x")]);
  expect(new Set(seen.mock.calls.map(([chunk]) => (chunk as Buffer).buffer)).size).toBe(1);
});

test("a large piece arrives whole, in whatever parts", async () => {
  const output = new SlowOutput();
  const { sink } = sinkTo(output);
  const large = Buffer.from(Array.from({ length: MiB }, (_, index) => index % 251));
  sink.write([Buffer.from("x"), large]);
  output.release();
  await sink.flush();
  expect(output.bytes.equals(Buffer.concat([Buffer.from("x"), large]))).toBe(true);
});

test("what is on its way is not overwritten by what comes next", async () => {
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

test("a reader that is always a little behind takes no more memory the longer it lasts", () => {
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

test("the payloads of one call are one write to a stream that can take several", () => {
  const writev = vi.fn((_chunks: unknown, done: () => void) => done());
  const { sink } = sinkTo(new Writable({ writev }));
  sink.write([Buffer.from("a"), Buffer.from("b"), Buffer.from("c")]);
  expect(writev).toHaveBeenCalledTimes(1);
});

test("it is congested above 8 MiB, until all of that has been taken", async () => {
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

test("flushing waits until everything has been taken", async () => {
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

test.each(["EPIPE", "ENOSPC"])(
  "an output that breaks by %s is reported once, and takes nothing any more",
  async (code) => {
    const output = new SlowOutput();
    const { sink, onDrain, onBroken } = sinkTo(output);
    sink.write([Buffer.alloc(9 * MiB)]);
    const flushed = sink.flush();
    output.breakWith(code);
    await closed(output);
    expect(onBroken.mock.calls).toEqual([[expect.objectContaining({ code })]]);
    // Nobody is to wait for a reader that has gone.
    expect(onDrain).toHaveBeenCalled();
    expect(sink.congested).toBe(false);
    await flushed;
    await sink.flush();
    sink.write([Buffer.alloc(9 * MiB)]);
    expect(sink.congested).toBe(false);
    output.emit("error", Object.assign(new Error("again"), { code }));
    expect(onBroken).toHaveBeenCalledTimes(1);
  },
);

test("nothing at all is written without payloads", () => {
  const output = new SlowOutput();
  const { sink } = sinkTo(output);
  sink.write([]);
  expect(output.writableLength).toBe(0);
});

test("once disposed of it hears nothing more", async () => {
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

test("a deploy's worth of them, one after the other, leaves no pile of listeners on the output", () => {
  const output = new RecordingStream();
  for (let n = 0; n < 20; n += 1) sinkTo(output).sink[Symbol.dispose]();
  expect(output.listenerCount("error")).toBeLessThanOrEqual(1);
  expect(output.listenerCount("drain")).toBe(0);
});
