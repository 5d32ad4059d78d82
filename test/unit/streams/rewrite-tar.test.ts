import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { rewriteTar } from "../../../src/streams/rewrite-tar.ts";
import { entriesOf, tarOf } from "../../support/archive.ts";

const LARGE = Buffer.alloc(3 * 1024 * 1024, "large");

const archive = () =>
  tarOf(
    [{ name: "blobs", type: "directory" }],
    [{ name: "old.json" }, '{"a":1}'],
    [{ name: "blobs/large", mode: 0o600 }, LARGE],
    [{ name: "link", type: "symlink", linkname: "blobs/large" }],
    [{ name: "other.json" }, ""],
  );

const isJson = (name: string) => name.endsWith(".json");

async function read(source: Readable, others: Parameters<typeof rewriteTar>[2]) {
  const pieces: Uint8Array[] = [];
  for await (const piece of rewriteTar(source, isJson, others)) pieces.push(piece);
  return entriesOf(Buffer.concat(pieces));
}

test("replaces some files and keeps all others unchanged", async () => {
  const entries = await read(Readable.from([await archive()]), (own) => ({
    "new.json": Buffer.from(`${own.get("old.json")}, ${own.size}`),
  }));
  expect(entries.map(({ header, text }) => [header.name, header.type, text.length])).toEqual([
    ["blobs", "directory", 0],
    ["blobs/large", "file", LARGE.length],
    ["link", "symlink", 0],
    ["new.json", "file", 10],
  ]);
  expect(entries[1]).toMatchObject({ header: { mode: 0o600 }, text: LARGE.toString() });
  expect(entries[2]?.header.linkname).toBe("blobs/large");
  expect(entries[3]?.text).toBe('{"a":1}, 2');
});

test("fails if the source archive fails", async () => {
  const whole = await archive();
  const broken = new Readable({ read() {} });
  broken.push(whole.subarray(0, whole.length / 2));
  const reading = read(broken, () => ({}));
  setImmediate(() => broken.destroy(new Error("the engine has gone")));
  await expect(reading).rejects.toThrow("the engine has gone");
  await expect(read(Readable.from([whole.subarray(0, whole.length / 2)]), () => ({}))).rejects.toThrow();
});

test("fails if the source archive closes early without an error", async () => {
  const closed = new Readable({ read() {} });
  closed.push((await archive()).subarray(0, 3000));
  const reading = read(closed, () => ({}));
  setImmediate(() => closed.destroy());
  await expect(reading).rejects.toThrow();
});

test("stops reading if the reader closes the new archive", async () => {
  const source = Readable.from([await archive()]);
  for await (const _ of rewriteTar(source, isJson, () => ({}))) break;
  await expect.poll(() => source.destroyed).toBe(true);
});

test("fails if a replacement fails", async () => {
  const refuse = () => {
    throw new Error("no manifest");
  };
  await expect(read(Readable.from([await archive()]), refuse)).rejects.toThrow("no manifest");
});
