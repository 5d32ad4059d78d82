import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { findLiveStart, guessLiveStart } from "../../../../src/oneoff/logs/overlap.ts";

const PART = 16 * 1024;

/** Pseudo-random numbers from a seed. */
function randomOf(seed: number) {
  let state = seed + 1;
  return (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The part of the output that a log has: complete lines, and full parts of a long one. */
function loggedLength(written: Buffer): number {
  const line = written.lastIndexOf(10) + 1;
  return line + Math.floor((written.length - line) / PART) * PART;
}

const LINES: Readonly<Record<string, (random: (below: number) => number, n: number) => string>> = {
  numbered: (_random, n) => `line ${n}\n`,
  "of a terminal": (_random, n) => `line ${n}\r\n`,
  repeated: () => "tick\n",
  empty: () => "\n",
  "of few kinds": (random) => ["ok\n", "failed\n", "ok ok\n"][random(3)] as string,
  "longer than a part": (random, n) => `${Array.from({ length: random(5_000) }, (_, at) => n * at).join()}\n`,
};

/** Output, the beginning of the live stream, and the state of a search. */
function scene(kind: string, seed: number) {
  const random = randomOf(seed);
  const line = LINES[kind] as (typeof LINES)[string];
  const count = 2 + random(40);
  const lines = Array.from({ length: count }, (_, n) => line(random, n)).join("");
  const written = Buffer.from(random(3) === 0 ? lines.slice(0, -1 - random(3)) : lines);
  const joint = random(written.length + 1);
  const rotated = random(2) === 0 ? 0 : random(Math.min(joint, loggedLength(written)) + 1);
  const log = written.subarray(rotated, loggedLength(written));
  const known = random(2) === 0 ? 0 : random(Math.max(Math.min(joint, loggedLength(written)) - rotated, 0) + 1);
  return { random, written, joint, rotated, log, lower: known };
}

describe.each(Object.keys(LINES))("lines: %s", (kind) => {
  test("joins log and live stream without gap or repeat when both have settled", () => {
    for (let seed = 0; seed < 100; seed += 1) {
      const { written, joint, rotated, log, lower } = scene(kind, seed);
      const live = written.subarray(joint);
      const at = findLiveStart({ log, lower, live, isSettled: true });
      // A line that began before the attach is in the log only when it has ended.
      const missing = Math.max(joint - rotated - log.length, 0);
      const all = Buffer.concat([log.subarray(0, at), live]).toString();
      const expected = missing === 0 ? written.subarray(rotated) : Buffer.concat([log, live]);
      expect(all === expected.toString(), `seed ${seed}`).toBe(true);
    }
  });

  test("never joins at a wrong position while both grow", () => {
    let decided = 0;
    for (let seed = 0; seed < 100; seed += 1) {
      const { random, written, joint, rotated, lower } = scene(kind, seed);
      const end = Math.max(joint, loggedLength(written) - random(20));
      const live = written.subarray(joint, joint + random(end - joint + 1));
      const log = written.subarray(rotated, Math.max(loggedLength(written), rotated));
      const at = findLiveStart({ log, lower, live, isSettled: false });
      if (at === undefined) continue;
      decided += 1;
      expect(at + rotated, `seed ${seed}`).toBe(joint);
    }
    if (kind === "numbered") expect(decided).toBeGreaterThan(30);
  });
});

test("waits for a log that lags behind", () => {
  const live = Buffer.from("b\nc\n");
  expect(findLiveStart({ log: Buffer.from("a\nb\n"), lower: 0, live, isSettled: true })).toBeUndefined();
  expect(findLiveStart({ log: Buffer.from("a\nb\n"), lower: 0, live, isSettled: false })).toBeUndefined();
});

test("repeats no output when several positions match", () => {
  const log = Buffer.from("y\n".repeat(10));
  const live = Buffer.from("y\n".repeat(3));
  expect(findLiveStart({ log, lower: 4, live, isSettled: false })).toBeUndefined();
  expect(guessLiveStart({ log, lower: 4, live })).toBe(4);
});

test("returns undefined when no position matches", () => {
  expect(
    guessLiveStart({ log: Buffer.from("a\ufffd\n"), lower: 0, live: Buffer.from("a\xe9\n", "latin1") }),
  ).toBeUndefined();
});
