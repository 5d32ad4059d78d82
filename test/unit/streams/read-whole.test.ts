import { execFileSync, spawn } from "node:child_process";
import { symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readWhole } from "../../../src/streams/read-whole.ts";
import { folder } from "../../support/folder.ts";

const code = (code: string) => expect.objectContaining({ code });

test("reads a file, an empty file, and a file without a size", async () => {
  await using place = await folder();
  const file = join(place.path, "file");
  for (const text of ["", "text", "x".repeat(300_000)]) {
    writeFileSync(file, text);
    expect(readWhole(file).toString() === text).toBe(true);
  }
  expect(readWhole("/proc/self/status").toString()).toMatch(/^Name:/);
});

test("refuses a FIFO without waiting for a writer", async () => {
  await using place = await folder();
  const fifo = join(place.path, "fifo");
  execFileSync("mkfifo", [fifo]);
  expect(() => readWhole(fifo)).toThrow(code("EFTYPE"));
});

test("refuses a link to a device, a folder, and a missing file", async () => {
  await using place = await folder();
  const link = join(place.path, "link");
  symlinkSync("/dev/zero", link);
  expect(() => readWhole(link)).toThrow(code("EFTYPE"));
  expect(() => readWhole(place.path)).toThrow(code("EISDIR"));
  expect(() => readWhole(join(place.path, "none"))).toThrow(code("ENOENT"));
});

test("refuses a symlink with noFollow", async () => {
  await using place = await folder();
  const link = join(place.path, "link");
  symlinkSync("/etc/hostname", link);
  expect(() => readWhole(link, { noFollow: true })).toThrow(code("ELOOP"));
});

test("checks the size before reading", async () => {
  await using place = await folder();
  const file = join(place.path, "sparse");
  writeFileSync(file, "");
  truncateSync(file, 2 ** 40);
  expect(() => readWhole(file)).toThrow(code("EFBIG"));
  truncateSync(file, 5);
  expect(readWhole(file, { maxBytes: 5 })).toHaveLength(5);
  expect(() => readWhole(file, { maxBytes: 4 })).toThrow(code("EFBIG"));
});

test("reads a pipe to its end if allowed, up to a limit", async () => {
  await using place = await folder();
  const fifo = join(place.path, "fifo");
  execFileSync("mkfifo", [fifo]);
  spawn("sh", ["-c", `seq 1 40000 >"$0"`, fifo]);
  expect(readWhole(fifo, { allowPipe: true }).toString().split("\n")).toHaveLength(40_001);
  expect(() => readWhole("/dev/zero", { allowPipe: true })).toThrow(code("EFBIG"));
});
