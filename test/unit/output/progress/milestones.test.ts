import { expect, test } from "vitest";
import { milestones } from "../../../../src/output/progress/milestones.ts";
import type { Progress } from "../../../../src/output/progress/text.ts";

/** The lines printed for progress at each second. */
function printed(
  at: readonly (readonly [second: number, current: number, fields?: Partial<Progress>])[],
  total?: number,
) {
  const lines: string[] = [];
  let now = 0;
  const view = milestones(
    (line) => lines.push(line),
    () => now,
  );
  for (const [second, current, fields] of at) {
    now = second * 1000;
    view.show({ type: "progress", operation: "load", current, total, ...fields });
  }
  return lines;
}

test("prints nothing for a short transfer", () =>
  expect(
    printed(
      [
        [0, 0],
        [1, 50],
        [2, 100, { finished: true }],
      ],
      100,
    ),
  ).toEqual([]));

test("prints each quarter once", () =>
  expect(
    printed(
      [
        [0, 0],
        [4, 10],
        [5, 30],
        [6, 40],
        [7, 80],
        [8, 100],
        [9, 100, { finished: true }],
      ],
      100,
    ),
  ).toEqual(["load: 25% of 100 B", "load: 75% of 100 B", "load: 100% of 100 B"]));

test("prints a line every ten seconds if the size is unknown", () =>
  expect(
    printed([
      [0, 0],
      [4, 10],
      [11, 2048],
      [12, 4096],
      [22, 8192],
      [23, 9216, { finished: true }],
    ]),
  ).toEqual(["load: 2 KiB so far", "load: 8 KiB so far", "load: 9 KiB"]));

test("does not print 100% for a transfer that failed", () =>
  expect(
    printed(
      [
        [0, 0],
        [4, 10, { finished: true }],
      ],
      100,
    ),
  ).toEqual([]));

test("sums the layers of an image", () => {
  const a = { operation: "pull", item: "a" } as const;
  const b = { operation: "pull", item: "b" } as const;
  expect(
    printed([
      [0, 0, a],
      [1, 1024, b],
      [4, 1024, a],
      [11, 4096, a],
      [12, 4096, { ...a, finished: true }],
      [23, 2048, b],
    ]),
  ).toEqual(["pull: 5 KiB so far", "pull: 6 KiB so far"]);
});

test("prints a repeated transfer again", () =>
  expect(
    printed(
      [
        [0, 0],
        [4, 50],
        [5, 100, { finished: true }],
        [6, 0],
        [7, 50],
        [10, 75, { finished: true }],
      ],
      100,
    ),
  ).toEqual(["load: 50% of 100 B", "load: 100% of 100 B", "load: 75% of 100 B"]));
