import { Buffer } from "node:buffer";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { pieces } from "../../../src/streams/pieces.ts";
import type { Reader } from "../../../src/streams/pump.ts";
import { FakeSource } from "../../support/fake-source.ts";

test("pieces come in their order, and each stays as it is until the next is asked for", async () => {
  const source = new FakeSource();
  const iterator = pieces(source);
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

test("several that are brought at once all come, and the end after them", async () => {
  const source = {
    async read(reader: Reader) {
      for (const text of ["a", "b", "c"]) reader(Buffer.from(text));
    },
    resume() {},
  };
  expect((await Array.fromAsync(pieces(source))).map(String)).toEqual(["a", "b", "c"]);
});

test("a source that breaks is an error, after what it has brought", async () => {
  const source = new FakeSource();
  const got: string[] = [];
  const reading = (async () => {
    for await (const piece of pieces(source)) got.push(String(piece));
  })();
  source.bring(Buffer.from("some"));
  source.break(new Error("broken"));
  await expect(reading).rejects.toThrow("broken");
  expect(got).toEqual(["some"]);
});
