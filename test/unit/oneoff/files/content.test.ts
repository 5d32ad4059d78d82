import { execFileSync } from "node:child_process";
import { appendFileSync, truncateSync } from "node:fs";
import { expect, test } from "vitest";
import { openContent } from "../../../../src/oneoff/files/content.ts";
import { folder } from "../../../support/folder.ts";

const memory = Buffer.alloc(4);

test("rejects a file that grows during the read", async () => {
  await using here = await folder({ log: "12345678" });
  await using file = await openContent({ path: `${here.path}/log` }, 8);
  expect(await file.read(memory)).toBe(4);
  appendFileSync(`${here.path}/log`, "9");
  expect(await file.read(memory)).toBe(4);
  await expect(file.end()).rejects.toMatchObject({ code: "file-changed" });
});

test("rejects a file that shrinks during the read", async () => {
  await using here = await folder({ log: "12345678" });
  await using file = await openContent({ path: `${here.path}/log` }, 8);
  expect(await file.read(memory)).toBe(4);
  truncateSync(`${here.path}/log`, 4);
  await expect(file.read(memory)).rejects.toMatchObject({ code: "file-changed" });
});

test("does not block on a file that was replaced by a pipe", async () => {
  await using here = await folder();
  execFileSync("mkfifo", [`${here.path}/log`]);
  await expect(openContent({ path: `${here.path}/log` }, 0)).rejects.toMatchObject({ code: "file-changed" });
});

test("reads a buffer like a file", async () => {
  await using file = await openContent({ bytes: Buffer.from("123456") }, 6);
  const read = async () => memory.subarray(0, await file.read(memory)).toString();
  expect([await read(), await read()]).toEqual(["1234", "56"]);
  await file.end();
});
