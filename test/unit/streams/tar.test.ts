import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { readEntry, unpackTar } from "../../../src/streams/tar.ts";
import { sourceOf, tarOf } from "../../support/archive.ts";
import { FakeSource } from "../../support/fake-source.ts";

/** All entries of an archive that arrives in chunks of this size. */
async function unpacked(archive: Buffer, size?: number) {
  const found = [];
  for await (const { pass, ...facts } of unpackTar(sourceOf(archive, size))) {
    let text = "";
    await pass((piece) => {
      text += piece.toString("latin1");
    });
    found.push({ ...facts, text });
  }
  return found;
}

describe("reads an archive", () => {
  const mtime = new Date("2001-09-09T01:46:40Z");
  const long = `${"a".repeat(200)}/é`;
  const archive = tarOf(
    [{ name: "d", type: "directory", mode: 0o755, mtime }],
    [{ name: "d/f", mode: 0o4711, mtime }, "hello"],
    [{ name: long, mtime }, "x".repeat(1000)],
    [{ name: "d/l", type: "symlink", linkname: "f", mtime }],
    [{ name: "d/h", type: "link", linkname: "d/f", mtime }],
    [{ name: "d/p", type: "fifo", mtime }],
    [{ name: "d/c", type: "character-device", devmajor: 1, devminor: 3, mtime }],
  );

  test.each([1, 7, 511, 512, 513, 64 * 1024])("reads an archive in chunks of %i bytes", async (size) => {
    expect(await unpacked(await archive, size)).toMatchObject([
      { name: "d", type: "directory", mode: 0o755, size: 0, mtime: 1_000_000_000, text: "" },
      { name: "d/f", type: "file", mode: 0o4711, size: 5, text: "hello" },
      { name: long, type: "file", size: 1000, text: "x".repeat(1000) },
      { name: "d/l", type: "symlink", linkname: "f" },
      { name: "d/h", type: "link", linkname: "d/f" },
      { name: "d/p", type: "other" },
      { name: "d/c", type: "other" },
    ]);
  });

  test("skips the content of entries that are not read", async () => {
    const names = [];
    for await (const { name } of unpackTar(sourceOf(await archive, 100))) names.push(name);
    expect(names).toEqual(["d", "d/f", long, "d/l", "d/h", "d/p", "d/c"]);
  });

  test("reads times with fractions of a second", async () => {
    const bytes = await tarOf([{ name: "f", pax: { mtime: "1000000000.25" } }, "1"]);
    expect(await unpacked(bytes)).toMatchObject([{ mtime: 1_000_000_000.25 }]);
    const extremes = await tarOf(
      [{ name: "a", pax: { mtime: "-86400" } }, "1"],
      [{ name: "b", pax: { mtime: "1e20" } }, "2"],
    );
    expect(await unpacked(extremes)).toMatchObject([{ mtime: 0 }, { mtime: 9_223_372_036 }]);
  });

  test.each([0, 100, 512, 600, 1024, 3000])(
    "reports an archive that ends after %i bytes as truncated",
    async (length) => {
      await expect(unpacked((await archive).subarray(0, length))).rejects.toMatchObject({ code: "archive-cut" });
    },
  );

  test("rejects a file that is not an archive", async () => {
    await expect(unpacked(Buffer.alloc(1024, "no archive "))).rejects.toMatchObject({ code: "bad-archive" });
  });

  test("rejects a header that claims gigabytes", async () => {
    const record = (await tarOf([{ name: "PaxHeader", type: "pax-header" as "file", size: 2 ** 32 }])).subarray(0, 512);
    expect(record[156]).toBe("x".charCodeAt(0));
    await expect(unpacked(Buffer.concat([record, Buffer.alloc(4096)]))).rejects.toMatchObject({ code: "bad-archive" });
  });

  test("stops reading the source while the consumer does not ask for more", async () => {
    const source = new FakeSource();
    const entries = unpackTar(source);
    const first = entries.next();
    source.bring(await tarOf([{ name: "f" }, "x".repeat(2000)]));
    const { value } = await first;
    expect(source.paused).toBe(true);
    let text = "";
    await value?.pass((piece: Buffer) => {
      text += piece.toString();
    });
    expect(text).toBe("x".repeat(2000));
  });

  test("fails with the error of the entry's reader", async () => {
    const [first] = [await unpackTar(sourceOf(await tarOf([{ name: "f" }, "x"]))).next()];
    const full = new Error("ENOSPC");
    await expect(
      first.value?.pass(() => {
        throw full;
      }),
    ).rejects.toBe(full);
  });
});

describe("reads the first file of an archive", () => {
  const archive = tarOf([{ name: "Procfile" }, "web: serve"], [{ name: "next" }, "x".repeat(2000)]);

  test("reads the first file and closes the source", async () => {
    const source = Readable.from([await archive]);
    expect((await readEntry(source, 100))?.toString()).toBe("web: serve");
    await expect.poll(() => source.destroyed).toBe(true);
    expect(await readEntry(Readable.from([await archive]), 5)).toBeUndefined();
  });

  test.each([0, 100, 512, 515])("rejects if the source breaks after %s bytes", async (length) => {
    for (const error of [new Error("the engine has gone"), undefined]) {
      const source = new Readable({ read() {} });
      source.push((await archive).subarray(0, length));
      const reading = readEntry(source, 100);
      // By now the reader has all chunks.
      setImmediate(() => source.destroy(error));
      await expect(reading).rejects.toThrow(error?.message);
    }
  });

  test("rejects an archive that is invalid or ends within the file", async () => {
    const cut = readEntry(Readable.from([(await archive).subarray(0, 515)]), 100);
    await expect(cut).rejects.toMatchObject({ code: "archive-cut" });
    await expect(readEntry(Readable.from([Buffer.alloc(1024, "?")]), 100)).rejects.toMatchObject({
      code: "bad-archive",
    });
  });

  test.each([
    ["one header", (n: number) => n === 0, 16 * 1024 * 1024],
    ["all headers of an entry", () => true, 1024 * 1024],
  ])("rejects an archive if %s is too long, and reads no more of it", async (_what, goesOn, size) => {
    let sent = 0;
    const headers = function* () {
      for (let n = 0; goesOn(n); n += 1) {
        yield paxHeader(size);
        for (let at = 0; at < size; at += 65_536, sent += 65_536) yield Buffer.alloc(65_536, "x");
      }
    };
    await expect(readEntry(Readable.from(headers()), 100)).rejects.toMatchObject({
      code: "bad-archive",
      message: "The engine sent an invalid archive: a header is too long",
    });
    expect(sent).toBeLessThan(10 * 1024 * 1024);
  });
});

/** The record before a pax header of this size. */
function paxHeader(size: number): Buffer {
  const record = Buffer.alloc(512);
  record.write("PaxHeader", 0);
  record.write("0000644\0", 100);
  record.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  record.write("        x", 148);
  record.write("ustar\x0000", 257);
  const sum = record.reduce((total, byte) => total + byte, 0);
  record.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return record;
}
