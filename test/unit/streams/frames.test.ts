import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { type Channel, FrameParser } from "../../../src/streams/frames.ts";
import { frame } from "../../support/frame.ts";

/** Pushes the chunks through a parser. @returns what each channel got, and the parser. */
function demux(...chunks: Uint8Array[]) {
  const got: Record<Channel, Buffer[]> = { stdout: [], stderr: [] };
  const parser = new FrameParser((channel, payload) => got[channel].push(Buffer.from(payload)));
  for (const chunk of chunks) parser.push(Buffer.from(chunk));
  return { parser, stdout: Buffer.concat(got.stdout).toString(), stderr: Buffer.concat(got.stderr).toString() };
}

const pieces = (bytes: Buffer, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size));

const both = Buffer.concat([frame(1, "out"), frame(2, "err"), frame(1, "put")]);

test("separates frames by type", () =>
  expect(demux(both)).toMatchObject({ stdout: "output", stderr: "err", parser: { missing: 0 } }));

test("parses frames that are cut anywhere", () => {
  for (let cut = 0; cut <= both.length; cut += 1) {
    expect(demux(both.subarray(0, cut), both.subarray(cut)), `cut at ${cut}`).toMatchObject({
      stdout: "output",
      stderr: "err",
      parser: { missing: 0 },
    });
  }
});

test("parses frames byte by byte", () =>
  expect(demux(...pieces(both, 1))).toMatchObject({ stdout: "output", stderr: "err", parser: { missing: 0 } }));

test("passes payloads on without buffering", () => {
  const seen: string[] = [];
  const parser = new FrameParser((_channel, payload) => seen.push(payload.toString()));
  for (const piece of pieces(frame(1, "abcdef"), 3)) parser.push(piece);
  expect(seen).toEqual(["a", "bcd", "ef"]);
});

test("passes payloads on as views of their chunks, not copies", () => {
  const chunk = frame(1, "abc");
  const seen: Buffer[] = [];
  new FrameParser((_channel, payload) => seen.push(payload)).push(chunk);
  expect(seen[0]?.buffer).toBe(chunk.buffer);
});

test("parses any stream in chunks of any size", () => {
  // A fixed seed makes failures reproducible.
  let seed = 20_260_101;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  for (let round = 0; round < 100; round += 1) {
    const expected = { 1: "", 2: "" };
    const stream: Buffer[] = [];
    for (let n = random(30); n > 0; n -= 1) {
      const type = (1 + random(2)) as 1 | 2;
      const text = String.fromCharCode(97 + random(26)).repeat(random(4) === 0 ? 0 : random(2_000));
      expected[type] += text;
      stream.push(frame(type, text));
    }
    const bytes = Buffer.concat(stream);
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const size = 1 + random(random(2) ? 12 : 3_000);
      chunks.push(bytes.subarray(at, at + size));
      at += size;
    }
    const { stdout, stderr, parser } = demux(...chunks);
    expect({ stdout, stderr, missing: parser.missing }, `round ${round}`).toEqual({
      stdout: expected[1],
      stderr: expected[2],
      missing: 0,
    });
  }
});

test("ignores the three bytes after the type", () => {
  const odd = frame(2, "x");
  odd.set([0xff, 0x01, 0x80], 1);
  expect(demux(odd)).toMatchObject({ stdout: "", stderr: "x" });
});

test("skips empty frames between payloads", () =>
  expect(demux(Buffer.concat([frame(1), frame(2), frame(1, "a"), frame(1), frame(2, "b"), frame(2)]))).toMatchObject({
    stdout: "a",
    stderr: "b",
    parser: { missing: 0 },
  }));

test("treats type 0 as stdout", () => expect(demux(frame(0, "in"))).toMatchObject({ stdout: "in", stderr: "" }));

describe("fails with the engine's error on a frame of type 3", () => {
  const failed = Buffer.concat([frame(1, "before"), frame(3, "the plugin is töt\n")]);

  test("reports the whole error text wherever it is cut", () => {
    for (let cut = 14; cut < failed.length; cut += 1) {
      expect(() => demux(failed.subarray(0, cut), failed.subarray(cut)), `cut at ${cut}`).toThrow(
        expect.objectContaining({
          code: "engine-stream",
          message: "The engine reported an error in the output stream: the plugin is töt",
        }),
      );
    }
  });

  test("does not report an error before its text is complete", () =>
    expect(demux(frame(3, "the plug", 20))).toMatchObject({ stdout: "", parser: { missing: 12 } }));

  test("truncates a long error text", () => {
    const parser = new FrameParser(() => {});
    parser.push(frame(3, "", 100 * 1024 * 1024));
    const chunk = Buffer.alloc(1024 * 1024, "x");
    const end = () => {
      for (let n = 0; n < 100; n += 1) parser.push(chunk);
    };
    expect(end).toThrow(expect.objectContaining({ message: expect.stringMatching(/^[^x]*x{65536,2097152}$/) }));
  });
});

test.each([4, 47, 255])("rejects a stream with a frame of type %i", (type) =>
  expect(() => demux(frame(1, "fine"), frame(type, "?"))).toThrow(
    expect.objectContaining({
      code: "bad-frame",
      message: `The engine sent an invalid output stream: frame of unknown type ${type}`,
    }),
  ),
);

test("rejects raw TTY output as frames", () =>
  expect(() => demux(Buffer.from("total 12\r\n"))).toThrow(expect.objectContaining({ code: "bad-frame" })));

test("accepts a frame of 4 GiB without allocating memory for it", () => {
  const before = process.memoryUsage.rss();
  const { parser, stdout } = demux(frame(1, "start", 2 ** 32 - 1));
  expect(stdout).toBe("start");
  expect(parser.missing).toBe(2 ** 32 - 1 - 5);
  expect(process.memoryUsage.rss() - before).toBeLessThan(2 ** 30);
});

test.each([
  ["nothing", Buffer.alloc(0), 0],
  ["a part of a header", Buffer.from([1, 0, 0]), 5],
  ["a header alone", frame(2, "", 9), 9],
  ["a part of a payload", frame(1, "abc", 10), 7],
  ["a header alone of an empty frame", frame(1), 0],
  ["a part of a header after a whole frame", Buffer.concat([frame(1, "abc"), Buffer.from([2])]), 7],
])("reports the missing bytes of a stream that ends after %s", (_what, bytes, missing) =>
  expect(demux(bytes).parser.missing).toBe(missing),
);
