import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { parallel } from "../../../../src/deploy/rollout/parallel.ts";

const never = new AbortController().signal;

test("all are done at a time, or as many as may be", async () => {
  for (const [most, peak] of [
    [undefined, 3],
    [2, 2],
    [9, 3],
  ] as const) {
    let running = 0;
    let highest = 0;
    const done: number[] = [];
    const work = async (item: number) => {
      running += 1;
      highest = Math.max(highest, running);
      await pause(5);
      running -= 1;
      done.push(item);
    };
    await parallel(never, [1, 2, 3], work, most);
    expect([highest, done]).toEqual([peak, [1, 2, 3]]);
  }
});

test("nothing is nothing to do", () => expect(parallel(never, [], () => Promise.reject())).resolves.toBeUndefined());

test("when one fails the others are told, and waited for; what the first has failed with is thrown", async () => {
  const ended: string[] = [];
  const work = async (item: string, signal: AbortSignal) => {
    if (item === "bad") throw new Error("it");
    await pause(10_000, undefined, { signal }).catch(async (error: unknown) => {
      await pause(5);
      ended.push(item);
      throw error;
    });
  };
  await expect(parallel(never, ["a", "bad", "b"], work)).rejects.toThrow("it");
  expect(ended).toEqual(["a", "b"]);
});

test("what waits for its turn is not begun any more", async () => {
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    throw new Error("it");
  };
  await expect(parallel(never, [1, 2, 3], work, 1)).rejects.toThrow("it");
  expect(begun).toEqual([1]);
});

test("who is told to end throws what it was told with", async () => {
  const outer = new AbortController();
  const working = parallel(outer.signal, [1, 2], (_, signal) => pause(10_000, undefined, { signal }));
  outer.abort(new Error("^C"));
  await expect(working).rejects.toThrow("^C");
  await expect(parallel(outer.signal, [1], () => Promise.reject(new Error("begun")))).rejects.toThrow("^C");
});
