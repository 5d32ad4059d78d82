import { expect, test } from "vitest";
import { packTar } from "../../../src/streams/pack-tar.ts";
import { decodePath, pathBytes, queryPath } from "../../../src/streams/path-bytes.ts";
import { unpackTar } from "../../../src/streams/tar.ts";

const latin1 = (text: string) => Buffer.from(text, "latin1");

const NAMES = [
  "plain",
  Buffer.from("žluť 🐎").toString("latin1"),
  "caf\xe9",
  "caf\xe8",
  "caf\xef\xbf\xbd",
  "\xed\xb3\xa9",
  "\xff\xfe",
  `${"x".repeat(120)}\xe9`,
  "a/\xe9/b",
];

test.each(NAMES)("keeps the bytes of %j", (name) => {
  expect(pathBytes(decodePath(latin1(name))).toString("latin1")).toBe(name);
});

test("distinguishes names that differ by bytes", () => {
  expect(new Set(NAMES.map((name) => decodePath(latin1(name)))).size).toBe(NAMES.length);
  expect(decodePath(latin1("caf\xe9"))).toBe("caf\udce9");
});

test("percent-encodes the bytes of a name in a query", () => {
  expect(queryPath("/a b/é")).toBe("%2Fa%20b%2F%C3%A9");
  expect(queryPath("/a b/\udce9")).toBe("%2Fa%20b%2F%E9");
});

test("keeps the bytes of names and link targets in an archive", async () => {
  const names = NAMES.map((name) => decodePath(latin1(name)));
  const facts = { mode: 0o777, uid: 0, gid: 0, mtime: 0, size: 0 };
  async function* items() {
    for (const name of names) {
      yield { header: { ...facts, name, type: "directory" as const } };
      for (const linkname of [name, "linkpath=path=", "path=\udce9"]) {
        yield { header: { ...facts, name, type: "symlink" as const, linkname } };
      }
    }
  }
  const archive = Buffer.concat(await Array.fromAsync(packTar(items())));
  const read: [string, string][] = [];
  for await (const { name, linkname } of unpackTar({
    read: async (reader: (chunk: Buffer) => boolean) => void reader(archive),
    resume() {},
  })) {
    read.push([name.replace(/\/$/, ""), linkname]);
  }
  expect(read).toEqual(
    names.flatMap((name) => [
      [name, ""],
      [name, name],
      [name, "linkpath=path="],
      [name, "path=\udce9"],
    ]),
  );
});
