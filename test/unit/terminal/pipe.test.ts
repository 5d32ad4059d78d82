import type { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { openPipe } from "../../../src/terminal/pipe.ts";
import { folder } from "../../support/folder.ts";

/** A pipe opened for reading, and its writing end. */
async function scene() {
  const place = await folder();
  const path = `${place.path}/pipe`;
  execFileSync("mkfifo", [path]);
  // Without O_NONBLOCK each open would wait here for the other end.
  const pipe = openPipe(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  return {
    pipe,
    write: (text: string | Buffer) => writeSync(writer, text as string),
    end: () => closeSync(writer),
    async [Symbol.asyncDispose]() {
      pipe[Symbol.dispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

test("reads what is written to a pipe, and ends with its writer", async () => {
  await using s = await scene();
  let text = "";
  const ended = s.pipe.read((chunk) => {
    text += chunk;
    return true;
  });
  s.write("one ");
  await expect.poll(() => text).toBe("one ");
  s.write("two");
  s.end();
  await ended;
  expect(text).toBe("one two");
});

test("keeps data that was written before the first read", async () => {
  await using s = await scene();
  s.write("early");
  const chunks: string[] = [];
  const ended = s.pipe.read((chunk) => chunks.push(String(chunk)) > 0);
  s.end();
  await ended;
  expect(chunks).toEqual(["early"]);
});

test("pauses when the reader pauses, and resumes later", async () => {
  await using s = await scene();
  const chunks: string[] = [];
  const ended = s.pipe.read((chunk) => {
    chunks.push(String(chunk));
    return false;
  });
  s.write("one");
  await expect.poll(() => chunks).toEqual(["one"]);
  s.write("two");
  for (let n = 0; n < 5; n += 1) await turn();
  expect(chunks).toEqual(["one"]);
  s.pipe.resume();
  await expect.poll(() => chunks).toEqual(["one", "two"]);
  s.end();
  s.pipe.resume();
  await ended;
});

test("reuses the same memory for all chunks", async () => {
  await using s = await scene();
  const chunks: Buffer[] = [];
  const ended = s.pipe.read((chunk) => chunks.push(chunk) > 0);
  for (const text of ["one1", "two2"]) {
    s.write(text);
    await expect.poll(() => chunks.at(-1)?.toString()).toBe(text);
  }
  s.end();
  await ended;
  expect(chunks.map(String)).toEqual(["two2", "two2"]);
});

test("ends when disposed of", async () => {
  await using s = await scene();
  const ended = s.pipe.read(() => true);
  s.pipe[Symbol.dispose]();
  await ended;
  // The pipe has no reader any more.
  expect(() => s.write("late")).toThrow("EPIPE");
  s.end();
});
