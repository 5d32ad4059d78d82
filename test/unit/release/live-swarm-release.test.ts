import { expect, test } from "vitest";
import { liveSwarmReleases, oldSwarmReleases } from "../../../src/release/live-swarm-release.ts";

/** From the newest. @param live the minutes at which releases became live. */
const releases = (count: number, live: Readonly<Record<number, number>>) =>
  Array.from({ length: count }, (_, index) => {
    const number = count - index;
    const minute = live[number];
    return {
      number,
      liveAt: minute === undefined ? undefined : `2026-11-29T01:${String(minute).padStart(2, "0")}:00Z`,
    };
  });

const numbers = (list: readonly { readonly number: number }[]) => list.map(({ number }) => number);

test("names the release that became live last, and the one before", () => {
  expect(liveSwarmReleases([])).toEqual({ current: undefined, previous: undefined });
  expect(liveSwarmReleases(releases(3, {}))).toEqual({ current: undefined, previous: undefined });
  // v3 failed.
  expect(liveSwarmReleases(releases(3, { 1: 1, 2: 2 }))).toMatchObject({
    ...{ current: { number: 2 }, previous: { number: 1 } },
  });
  // Rolled back.
  expect(liveSwarmReleases(releases(2, { 1: 3, 2: 2 }))).toMatchObject({
    ...{ current: { number: 1 }, previous: { number: 2 } },
  });
});

test("keeps the newest releases, the live one and the one before", () => {
  const all = releases(7, { 1: 9, 2: 8, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7 });
  expect(numbers(oldSwarmReleases(all, 3))).toEqual([4, 3]);
  expect(numbers(oldSwarmReleases(all, 0))).toEqual([6, 5, 4, 3]);
  expect(oldSwarmReleases(all, 7)).toEqual([]);
});
