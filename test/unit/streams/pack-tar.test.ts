import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { packTar, type TarItem } from "../../../src/streams/pack-tar.ts";
import type { TarHeader } from "../../../src/streams/tar-header.ts";
import { entriesOf } from "../../support/archive.ts";

const MiB = 1024 * 1024;

/** Distinct bytes, so that lost, doubled or overwritten ones are detected. */
const pattern = (length: number) => Buffer.from(Uint8Array.from({ length }, (_, at) => at * 7 + (at >> 8)));

const header = (name: string, more: Partial<TarHeader> = {}): TarHeader => {
  return { name, type: "file", mode: 0o640, uid: 1000, gid: 100, mtime: 1_000_000_000, size: 0, ...more };
};

/** @param most how much is read at once. */
const file = (name: string, bytes: Buffer, most = MiB, more: Partial<TarHeader> = {}): TarItem => {
  let at = 0;
  const read = async (memory: Buffer) => {
    const copied = bytes.copy(memory, 0, at, at + most);
    at += copied;
    return copied;
  };
  return { header: header(name, { size: bytes.length, ...more }), read };
};

async function* listed(items: readonly TarItem[]) {
  yield* items;
}

/** Each block is overwritten when the next is requested, like by a reader that reuses its memory. */
async function packed(...items: TarItem[]): Promise<{ archive: Buffer; sizes: number[] }> {
  const blocks: Buffer[] = [];
  for await (const block of packTar(listed(items))) {
    blocks.push(Buffer.from(block));
    block.fill("?");
  }
  return { archive: Buffer.concat(blocks), sizes: blocks.map(({ length }) => length) };
}

describe("packs a tar archive", () => {
  test("packs files, folders and symlinks", async () => {
    const { archive } = await packed(
      { header: header("d", { type: "directory", mode: 0o1755 }) },
      file("d/a", Buffer.from("hello")),
      { header: header("d/l", { type: "symlink", linkname: "../x", mode: 0o777 }) },
      file("d/empty", Buffer.alloc(0), MiB, { uid: 0, gid: 0, mode: 0o4711 }),
    );
    const mtime = new Date("2001-09-09T01:46:40Z");
    expect(await entriesOf(archive)).toMatchObject([
      { header: { name: "d", type: "directory", mode: 0o1755, uid: 1000, gid: 100, mtime }, text: "" },
      { header: { name: "d/a", type: "file", mode: 0o640, size: 5, uid: 1000, gid: 100, mtime }, text: "hello" },
      { header: { name: "d/l", type: "symlink", linkname: "../x" }, text: "" },
      { header: { name: "d/empty", type: "file", mode: 0o4711, size: 0, uid: 0, gid: 0 }, text: "" },
    ]);
    expect(archive.length % 512).toBe(0);
  });

  test.each([
    ["of 100 bytes", "x".repeat(100)],
    ["longer than 100 bytes", `${"y".repeat(120)}`],
    ["longer than 255 bytes", `${"a".repeat(200)}/${"b".repeat(200)}/${"c".repeat(250)}`],
    ["that are not ASCII", "é/☃ 雪"],
    ["with a line feed", "a\nb"],
    ["with spaces and signs", " a=b; 'c' \\ "],
  ])("packs names %s", async (_what, name) => {
    const { archive } = await packed(file(name, Buffer.from("1")), file("next", Buffer.from("2")));
    expect(await entriesOf(archive)).toMatchObject([
      { header: { name, mode: 0o640, uid: 1000, gid: 100 }, text: "1" },
      { header: { name: "next" }, text: "2" },
    ]);
  });

  test("packs a symlink with a long target", async () => {
    const linkname = `${"z/".repeat(100)}é`;
    const { archive } = await packed({ header: header("l", { type: "symlink", linkname }) });
    expect(await entriesOf(archive)).toMatchObject([{ header: { name: "l", type: "symlink", linkname } }]);
  });

  test("packs owners and times that exceed a plain header", async () => {
    const { archive } = await packed(
      file("a", Buffer.from("1"), MiB, { uid: 1_000_660_000, gid: 4_294_967_294, mtime: 2_524_608_000 }),
      file("b", Buffer.from("2"), MiB, { uid: 0o777777, mtime: -1 }),
      file("c", Buffer.from("3"), MiB, { mtime: 1e17 }),
    );
    expect(await entriesOf(archive)).toMatchObject([
      { header: { pax: { uid: "1000660000", gid: "4294967294", mtime: "2524608000" } }, text: "1" },
      { header: { uid: 0o777777, pax: null, mtime: new Date(0) }, text: "2" },
      { header: { pax: { mtime: "9223372036" } }, text: "3" },
    ]);
  });

  test.each([1, 511, 512, 513, MiB - 512, MiB - 511, MiB, 2 * MiB + 17])(
    "yields blocks of one size for a file of any size: %i",
    async (size) => {
      const bytes = pattern(size);
      const { archive, sizes } = await packed(file("a", bytes, 100_000), file("b", Buffer.from("tail")));
      expect(sizes.slice(0, -1).every((length) => length === MiB)).toBe(true);
      const [a, b] = await entriesOf(archive);
      expect(a?.header.size).toBe(size);
      expect(b?.text).toBe("tail");
      expect(archive.subarray(512, 512 + size).equals(bytes)).toBe(true);
    },
  );

  test("packs a thousand small files into few blocks", async () => {
    const items = Array.from({ length: 1000 }, (_, at) => file(`f${at}`, Buffer.from(String(at))));
    const { archive, sizes } = await packed(...items);
    expect(sizes).toEqual([1000 * 1024 + 1024]);
    expect((await entriesOf(archive)).map(({ text }) => text)).toEqual(items.map((_, at) => String(at)));
  });

  test("packs synchronous items and closes each file after its last read", async () => {
    const calls: string[] = [];
    const item = (name: string, size: number): TarItem => ({
      header: header(name, { size }),
      read: (memory) => {
        calls.push(`read ${name}`);
        return memory.fill(name).length;
      },
      close: async () => void calls.push(`close ${name}`),
    });
    const blocks: Buffer[] = [];
    for await (const block of packTar([item("a", 3), item("b", 4)])) blocks.push(block);
    expect((await entriesOf(Buffer.concat(blocks))).map(({ text }) => text)).toEqual(["aaa", "bbbb"]);
    expect(calls).toEqual(["read a", "close a", "read b", "close b"]);
  });

  test("closes a file that cannot be read", async () => {
    let isClosed = false;
    const close = async () => {
      isClosed = true;
    };
    const broken = { header: header("x", { size: 9 }), read: () => Promise.reject(new Error("EIO")), close };
    await expect(packed(broken)).rejects.toThrow("EIO");
    expect(isClosed).toBe(true);
  });

  test("fails if a file cannot be read", async () => {
    const broken = { header: header("x", { size: 9 }), read: () => Promise.reject(new Error("EIO")) };
    await expect(packed(broken)).rejects.toThrow("EIO");
  });
});
