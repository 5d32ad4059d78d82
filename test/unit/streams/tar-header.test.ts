import { pack } from "tar-stream";
import { describe, expect, test } from "vitest";
import { encodeHeader, type TarHeader } from "../../../src/streams/tar-header.ts";

const header = (more: Partial<TarHeader>): TarHeader => {
  return { name: "a", type: "file", mode: 0o640, uid: 1000, gid: 100, mtime: 1_000_000_000, size: 0, ...more };
};

/** The same header by the library that reads archives. */
async function reference({ mtime, ...fields }: TarHeader, pax?: object): Promise<Buffer> {
  const encoder = pack();
  encoder.on("error", () => {});
  encoder.entry({ ...fields, mtime: new Date(mtime * 1000), ...(pax && { pax }) });
  const records: Buffer[] = [];
  encoder.on("data", (record) => records.push(record as Buffer));
  await new Promise(setImmediate);
  encoder.destroy();
  return Buffer.concat(records);
}

const name = (length: number, ...slashes: number[]) =>
  Array.from({ length }, (_, at) => (slashes.includes(at) ? "/" : "abcdefghij"[at % 10])).join("");

describe("encodeHeader", () => {
  test.each<Partial<TarHeader>>([
    { size: 0o7654321 },
    { size: 8 * 1024 ** 3 - 1 },
    { size: 8 * 1024 ** 3 },
    { size: 2 ** 45 + 17 },
    { type: "directory", mode: 0o1777, mtime: 0 },
    { type: "symlink", linkname: "../x", mode: 0o777 },
    { type: "symlink", linkname: "é".repeat(50) },
    { type: "symlink", linkname: "x".repeat(101) },
    { type: "symlink", name: "ü", linkname: "z" },
    { uid: 0o777777, gid: 0o777777, mtime: 2 ** 31 - 1 },
    { name: "é/☃ 雪", size: 600 },
    { name: name(100) },
    { name: name(101) },
    { name: name(101, 0) },
    { name: name(102, 1) },
    { name: name(200, 50, 99, 150) },
    { name: name(256, 155) },
    { name: name(257, 156) },
    { name: name(257, 20, 155) },
    ...[400, 495, 496, 497, 500, 990, 1000].map((length) => ({ name: name(length) })),
  ])("writes the bytes of tar-stream for %j", async (fields) => {
    const expected = header(fields);
    const slashed = expected.name.startsWith("/") ? {} : undefined;
    expect(encodeHeader(expected).equals(await reference(expected, slashed))).toBe(true);
  });

  test("keeps a mode without permissions", () =>
    expect(encodeHeader(header({ mode: 0 })).toString("latin1", 100, 108)).toBe("000000 \0"));
});
