import { expect, test } from "vitest";
import { ReadPacer } from "../../../src/streams/read-pacer.ts";

/** The pauses after reads of `length` bytes every `intervalMs`. */
function pauses(length: number, intervalMs: number, count = 200): number[] {
  const pacer = new ReadPacer();
  return Array.from({ length: count }, (_, read) => pacer.pauseAfter(length, 1000 + read * intervalMs));
}

test("does not pause after keystrokes and other slow output", () => {
  expect(new Set(pauses(1, 1))).toEqual(new Set([0]));
  expect(new Set(pauses(2500, 1))).toEqual(new Set([0]));
});

test.each([
  [4096, 1, 2],
  [4096, 0.1, 2],
  [4096, 0.06, 1],
  [4096, 0.02, 0],
  [32 * 1024, 0.5, 1],
])("pauses after small reads of bulk output: %i bytes each %f ms", (length, intervalMs, pauseMs) => {
  const all = pauses(length, intervalMs, 5000);
  expect(all[0]).toBe(0);
  expect(all.at(-1)).toBe(pauseMs);
});

test("does not pause after long reads", () => {
  const pacer = new ReadPacer();
  for (let ms = 0; ms < 50; ms++) pacer.pauseAfter(4096, ms);
  expect(pacer.pauseAfter(64 * 1024, 51)).toBe(0);
  expect(pacer.pauseAfter(4096, 52)).toBe(2);
});

test("stops pausing when the output becomes slow", () => {
  const pacer = new ReadPacer();
  for (let ms = 0; ms < 50; ms++) pacer.pauseAfter(4096, ms);
  expect(pacer.pauseAfter(1, 5000)).toBe(0);
});
