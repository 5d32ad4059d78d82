import { Buffer } from "node:buffer";
import type { Writable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { pumpOutput } from "../../../src/streams/pump.ts";
import { FakeSource } from "../../support/fake-source.ts";
import { RecordingStream } from "../../support/fake-terminal.ts";
import { frame } from "../../support/frame.ts";
import { SlowOutput } from "../../support/slow-output.ts";

const MiB = 1024 * 1024;
/** Distinct bytes, so that lost, doubled or overwritten ones are detected. */
const pattern = (length: number) => {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; at += 1) bytes[at] = at * 7 + (at >> 8);
  return bytes;
};
const frames = (type: number, bytes: Buffer) => {
  const list: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 32 * 1024) list.push(frame(type, bytes.subarray(at, at + 32 * 1024)));
  return Buffer.concat(list);
};

function pump<Out extends Writable, Err extends Writable>(
  stdout: Out,
  stderr: Err,
  format: "raw" | "multiplexed" = "multiplexed",
) {
  const source = new FakeSource();
  const onBroken = vi.fn();
  const over = pumpOutput(source, format, { stdout, stderr }, onBroken);
  over.catch(() => {});
  return { source, stdout, stderr, onBroken, over };
}

describe("forwards output", () => {
  test("forwards TTY output unchanged to stdout", async () => {
    const { source, stdout, stderr, over } = pump(new RecordingStream(), new RecordingStream(), "raw");
    source.bring(frame(2, "no frame to anybody"));
    source.end();
    await over;
    expect(stdout.bytes.equals(frame(2, "no frame to anybody"))).toBe(true);
    expect(stderr.bytes.length).toBe(0);
  });

  test("demultiplexes output without a TTY", async () => {
    const { source, stdout, stderr, over } = pump(new RecordingStream(), new RecordingStream());
    source.bring(Buffer.concat([frame(1, "a"), frame(2, "b"), frame(1, "c")]));
    source.bring(Buffer.concat([frame(1, "d"), frame(2, "e")]));
    source.end();
    await over;
    expect(stdout.bytes.toString()).toBe("acd");
    expect(stderr.bytes.toString()).toBe("be");
  });

  test("keeps the engine's order if stdout and stderr are the same file", async () => {
    const both = new RecordingStream();
    const { source, over } = pump(both, both);
    source.bring(Buffer.concat([frame(1, "1"), frame(2, "2"), frame(1, "3"), frame(1, "4"), frame(2, "5")]));
    source.end();
    await over;
    expect(both.bytes.toString()).toBe("12345");
  });
});

describe.each([
  ["stdout", 1],
  ["stderr", 2],
] as const)("handles a slow %s", (channel, type) => {
  const slowed = () => {
    const slow = new SlowOutput();
    const free = new RecordingStream();
    return { slow, free, ...(channel === "stdout" ? pump(slow, free) : pump(free, slow)) };
  };

  test("pauses the source above 8 MiB, then resumes it", async () => {
    const { source, slow, over } = slowed();
    const bytes = pattern(10 * MiB);
    const brought = source.bringAll(frames(type, bytes));
    await expect.poll(() => source.paused).toBe(true);
    expect(slow.writableLength).toBeGreaterThan(8 * MiB);
    expect(slow.writableLength).toBeLessThan(8 * MiB + 64 * 1024 + 1);
    slow.release();
    await brought;
    source.end();
    await over;
    expect(slow.bytes.equals(bytes)).toBe(true);
  });

  test("does not delay the other output before that, and loses no byte", async () => {
    const { source, slow, free, over } = slowed();
    const stuck = pattern(6 * MiB);
    const flowing = pattern(5 * MiB);
    await source.bringAll(Buffer.concat([frames(type, stuck), frames(3 - type, flowing)]), 50_001);
    await expect.poll(() => source.paused).toBe(false);
    expect(free.bytes.equals(flowing)).toBe(true);
    source.end();
    slow.release();
    await over;
    expect(slow.bytes.equals(stuck)).toBe(true);
  });

  test("waits for the slow output at the end", async () => {
    const { source, slow, over } = slowed();
    source.bring(frame(type, "slowly"));
    source.end();
    for (let n = 0; n < 5; n += 1) await turn();
    expect(await Promise.race([over, "writing"])).toBe("writing");
    slow.release();
    await over;
    expect(slow.bytes.toString()).toBe("slowly");
  });

  test("passes unchanged bytes however late they are read", async () => {
    const { source, slow, over } = slowed();
    for (const text of ["one ", "two ", "three"]) source.bring(frame(type, text));
    source.end();
    slow.release();
    await over;
    expect(slow.bytes.toString()).toBe("one two three");
  });
});

test("resumes the source only when both slow outputs have drained", async () => {
  const { source, stdout, stderr, over } = pump(new SlowOutput(), new SlowOutput());
  const bytes = pattern(8 * MiB + 1);
  await source.bringAll(frames(1, bytes.subarray(0, 8 * MiB)));
  await source.bringAll(frames(2, bytes.subarray(0, 8 * MiB)));
  // The last byte of each, in one chunk: both are congested from here on.
  await source.bringAll(Buffer.concat([frame(1, bytes.subarray(8 * MiB)), frame(2, bytes.subarray(8 * MiB))]));
  expect(source.paused).toBe(true);
  stdout.release();
  await expect.poll(() => stdout.writableLength).toBe(0);
  for (let n = 0; n < 5; n += 1) await turn();
  expect(source.paused).toBe(true);
  stderr.release();
  await expect.poll(() => source.paused).toBe(false);
  source.end();
  await over;
  expect(stdout.bytes.equals(bytes)).toBe(true);
  expect(stderr.bytes.equals(bytes)).toBe(true);
});

test("pauses the source of bulk output briefly, and loses no byte", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  try {
    const { source, stdout, over } = pump(new RecordingStream(), new RecordingStream());
    const bytes = pattern(100 * 4096);
    let pausesMs = 0;
    for (let at = 0; at < bytes.length; at += 4096) {
      source.bring(frame(1, bytes.subarray(at, at + 4096)));
      for (; source.paused; pausesMs++) vi.advanceTimersByTime(1);
      vi.advanceTimersByTime(1);
    }
    source.end();
    await over;
    expect(stdout.bytes.equals(bytes)).toBe(true);
    expect(pausesMs).toBeGreaterThan(0);
  } finally {
    vi.useRealTimers();
  }
});

test("ends during a pause", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  try {
    const { source, over } = pump(new RecordingStream(), new RecordingStream());
    for (let n = 0; n < 50 && !source.paused; n++) {
      source.bring(frame(1, pattern(8192)));
      if (!source.paused) vi.advanceTimersByTime(1);
    }
    expect(source.paused).toBe(true);
    source.end();
    await over;
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

describe("handles a broken output", () => {
  test("reports a broken output once, drops its data, and continues with the other output", async () => {
    const { source, stdout, stderr, onBroken, over } = pump(new SlowOutput(), new RecordingStream());
    await source.bringAll(frames(1, pattern(8 * MiB)));
    await source.bringAll(frame(1, "more"));
    expect(source.paused).toBe(true);
    stdout.breakWith("EPIPE");
    await expect.poll(() => source.paused).toBe(false);
    await source.bringAll(frames(1, pattern(20 * MiB)));
    await source.bringAll(frame(2, "still here"));
    source.end();
    await over;
    expect(onBroken.mock.calls).toEqual([["stdout", expect.objectContaining({ code: "EPIPE" })]]);
    expect(stderr.bytes.toString()).toBe("still here");
  });

  test("reports both outputs if both break", async () => {
    const { source, stdout, stderr, onBroken, over } = pump(new SlowOutput(), new SlowOutput());
    stderr.breakWith("EPIPE");
    stdout.breakWith("ENOSPC");
    await expect.poll(() => onBroken.mock.calls.length).toBe(2);
    source.bring(Buffer.concat([frame(1, "a"), frame(2, "b")]));
    source.end();
    await over;
    expect(onBroken.mock.calls.map(([channel, { code }]) => `${channel} ${code}`).sort()).toEqual([
      "stderr EPIPE",
      "stdout ENOSPC",
    ]);
  });
});

describe("handles a broken stream", () => {
  test("fails on a corrupt stream, and reads no more of it", async () => {
    const { source, over } = pump(new RecordingStream(), new RecordingStream());
    source.bring(frame(9, "?"));
    expect(source.paused).toBe(true);
    await expect(over).rejects.toMatchObject({ code: "bad-frame" });
  });

  test("does not resume a failed stream when a slow output drains", async () => {
    const { source, stdout, over } = pump(new SlowOutput(), new RecordingStream());
    source.bring(frame(1, pattern(20_000)));
    source.bring(frame(9, "?"));
    stdout.release();
    await expect(over).rejects.toMatchObject({ code: "bad-frame" });
    expect(source.paused).toBe(true);
  });

  test("fails with an error that the engine sends in the stream", async () => {
    const { source, over } = pump(new RecordingStream(), new RecordingStream());
    source.bring(frame(3, "it broke"));
    await expect(over).rejects.toMatchObject({ code: "engine-stream" });
  });

  test("writes the output that precedes an error, in the same chunk or another", async () => {
    const { source, stdout, stderr, over } = pump(new RecordingStream(), new RecordingStream());
    source.bring(frame(1, "first "));
    source.bring(Buffer.concat([frame(1, "second"), frame(2, "third"), frame(3, "it broke")]));
    await expect(over).rejects.toMatchObject({ code: "engine-stream" });
    expect(stdout.bytes.toString()).toBe("first second");
    expect(stderr.bytes.toString()).toBe("third");
  });

  test("fails if the stream ends within a frame, after writing its part", async () => {
    const { source, stdout, over } = pump(new RecordingStream(), new RecordingStream());
    source.bring(frame(1, "abc", 10));
    source.end();
    await expect(over).rejects.toMatchObject({
      code: "stream-cut",
      message: "The output is truncated: 7 bytes of the last frame are missing",
    });
    expect(stdout.bytes.toString()).toBe("abc");
  });

  test("fails with the error of the connection", async () => {
    const { source, over } = pump(new RecordingStream(), new RecordingStream());
    source.bring(frame(1, "abc"));
    source.break(new Error("EIO"));
    await expect(over).rejects.toThrow("EIO");
  });
});
