import { execFileSync } from "node:child_process";
import { buffer } from "node:stream/consumers";
import { zstdCompressSync } from "node:zlib";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { decompressed } from "../../../src/streams/decompress.ts";

const BYTES = Buffer.from("some text, ".repeat(100_000));
const MORE = Buffer.from("and more");
const compressed = zstdCompressSync(BYTES);
const frames = Buffer.concat([compressed, zstdCompressSync(MORE)]);
const onGarbled = (problem: string) => new Error(`garbled: ${problem}`);

/** Decompresses bytes that arrive in chunks of this size. */
const passed = (bytes: Buffer, size = 65_536) =>
  buffer(
    decompressed(
      (async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      })(),
      onGarbled,
    ),
  );

describe("decompresses zstd", () => {
  test.each([1, 3, 4, 1000, 65_536])("decompresses zstd in chunks of %i bytes", async (size) =>
    expect((await passed(zstdCompressSync(BYTES), size)).equals(BYTES)).toBe(true),
  );
});

describe.each(["gzip", "xz", "bzip2"])("decompresses %s", (program) => {
  const bytes = execFileSync(program, ["-c"], { input: BYTES });

  test.each([1, 1000, 65_536])("decompresses chunks of %i bytes", async (size) =>
    expect((await passed(bytes, size)).equals(BYTES)).toBe(true),
  );

  test("rejects truncated input", async () =>
    await expect(passed(bytes.subarray(0, -9), 1000)).rejects.toThrow(/^garbled: /));
});

test("names the program that is not installed", async () => {
  vi.stubEnv("PATH", "/nowhere");
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(passed(Buffer.concat([Buffer.from("fd377a585a00", "hex"), BYTES]))).rejects.toThrow(
    "garbled: xz is not installed",
  );
});

test("names the program that exits early with an error", async () => {
  const more = Array.from({ length: 1000 }, () => Buffer.alloc(65_536));
  await expect(passed(Buffer.concat([Buffer.from("fd377a585a00", "hex"), ...more]), 65_536)).rejects.toThrow(
    /^garbled: xz: /,
  );
});

test("joins several frames if each ends with a chunk", async () => {
  expect((await passed(frames, compressed.length)).equals(Buffer.concat([BYTES, MORE]))).toBe(true);
});

describe("passes uncompressed bytes through", () => {
  test.each<[what: string, bytes: Buffer]>([
    ["nothing", Buffer.alloc(0)],
    ["less than a magic number", Buffer.from([0x28, 0xb5, 0x2f])],
    ["plain bytes", BYTES],
  ])("passes %s through", async (_what, bytes) => expect((await passed(bytes, 1000)).equals(bytes)).toBe(true));
});

describe("fails on broken input", () => {
  test("fails on truncated compressed bytes", async () =>
    await expect(passed(compressed.subarray(0, -3))).rejects.toThrow("garbled: unexpected end of file"));

  test("fails on corrupt compressed bytes", async () => {
    const garbled = Buffer.from(compressed);
    garbled.fill(255, 20, 30);
    await expect(passed(garbled)).rejects.toThrow(/^garbled: /);
  });

  test.each([100, 65_536])(
    "rejects several frames that do not end with a chunk, in chunks of %i bytes",
    async (size) => {
      const come = await passed(frames, size).then(
        (bytes) => bytes.equals(Buffer.concat([BYTES, MORE])),
        ({ message }: Error) => message,
      );
      // Node 26 decompresses the next frame too.
      expect(come).toBeOneOf([true, "garbled: it has several frames; zstd -d combines them"]);
    },
  );

  test("fails with the error of a broken source", async () => {
    const broken = (async function* () {
      yield compressed.subarray(0, 30);
      throw new Error("the disk");
    })();
    await expect(buffer(decompressed(broken, onGarbled))).rejects.toThrow("the disk");
  });

  test("closes the source if the reader stops early", async () => {
    let ended = false;
    const source = (async function* () {
      try {
        for (;;) yield BYTES;
      } finally {
        ended = true;
      }
    })();
    for await (const _ of decompressed(source, onGarbled)) break;
    expect(ended).toBe(true);
  });
});
