import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { parallel } from "../../../../src/deploy/rollout/parallel.ts";

const never = new AbortController().signal;

test("runs all items at the same time, or up to a maximum", async () => {
  for (const [maxParallel, peak] of [
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
    await parallel(never, [1, 2, 3], work, maxParallel);
    expect([highest, done]).toEqual([peak, [1, 2, 3]]);
  }
});

test("resolves without items", () => expect(parallel(never, [], () => Promise.reject())).resolves.toBeUndefined());

test("aborts and awaits the other items after a failure, and throws the first", async () => {
  const aborted: string[] = [];
  const work = async (item: string, signal: AbortSignal) => {
    if (item === "bad") throw new Error("it");
    await pause(10_000, undefined, { signal }).catch(async (error: unknown) => {
      await pause(5);
      aborted.push(item);
      throw error;
    });
  };
  await expect(parallel(never, ["a", "bad", "b"], work)).rejects.toThrow("it");
  expect(aborted).toEqual(["a", "b"]);
});

test("does not start waiting items after a failure", async () => {
  const started: number[] = [];
  const work = async (item: number) => {
    started.push(item);
    throw new Error("it");
  };
  await expect(parallel(never, [1, 2, 3], work, 1)).rejects.toThrow("it");
  expect(started).toEqual([1]);
});

test("throws the reason of an abort", async () => {
  const outer = new AbortController();
  const working = parallel(outer.signal, [1, 2], (_, signal) => pause(10_000, undefined, { signal }));
  outer.abort(new Error("^C"));
  await expect(working).rejects.toThrow("^C");
  await expect(parallel(outer.signal, [1], () => Promise.reject(new Error("begun")))).rejects.toThrow("^C");
});
