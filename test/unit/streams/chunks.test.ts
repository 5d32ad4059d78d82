import { Buffer } from "node:buffer";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { chunksOf } from "../../../src/streams/chunks.ts";
import type { Reader } from "../../../src/streams/pump.ts";
import { FakeSource } from "../../support/fake-source.ts";

test("yields chunks in order, each unchanged until the next is requested", async () => {
  const source = new FakeSource();
  const iterator = chunksOf(source);
  const first = iterator.next();
  source.bring(Buffer.from("one"));
  const { value } = await first;
  expect(source.paused).toBe(true);
  await turn();
  expect(String(value)).toBe("one");
  const second = iterator.next();
  await turn();
  expect(source.paused).toBe(false);
  source.bring(Buffer.from("two"));
  expect(String((await second).value)).toBe("two");
  source.end();
  expect(await iterator.next()).toEqual({ value: undefined, done: true });
});

test("yields several chunks that were received at once, then ends", async () => {
  const source = {
    async read(reader: Reader) {
      for (const text of ["a", "b", "c"]) reader(Buffer.from(text));
    },
    resume() {},
  };
  expect((await Array.fromAsync(chunksOf(source))).map(String)).toEqual(["a", "b", "c"]);
});

test("throws the error of a broken source after its chunks", async () => {
  const source = new FakeSource();
  const got: string[] = [];
  const reading = (async () => {
    for await (const chunk of chunksOf(source)) got.push(String(chunk));
  })();
  source.bring(Buffer.from("some"));
  source.break(new Error("broken"));
  await expect(reading).rejects.toThrow("broken");
  expect(got).toEqual(["some"]);
});
