import { expect, test } from "vitest";
import type { Summary } from "../../../src/output/events.ts";
import { COLORED, PLAIN } from "../../../src/output/style.ts";
import { summaryLines, time } from "../../../src/output/summary-lines.ts";

const summary: Summary = {
  ...{ outcome: "failed", release: undefined, seconds: 75.2 },
  steps: [
    { step: "build", outcome: "done", seconds: 62.04 },
    { step: "predeploy", outcome: "skipped", seconds: 0 },
    { step: "release", outcome: "failed", seconds: 9.96 },
  ],
};

test("the steps that were begun, with their times, and all of it", () =>
  expect(summaryLines(summary, PLAIN)).toEqual([
    "       build     1 min 2 s",
    "       release      10.0 s  failed",
    "       total    1 min 15 s",
  ]));

test("what has failed is red", () => expect(summaryLines(summary, COLORED)[1]).toMatch(/^\x1b\[31m.*failed\x1b\[39m$/));

test("where nothing was begun there is nothing to say", () =>
  expect(summaryLines({ ...summary, steps: summary.steps.slice(1, 2) }, PLAIN)).toEqual([]));

test.each([
  [0, "0.0 s"],
  [0.04, "0.0 s"],
  [59.94, "59.9 s"],
  [59.96, "1 min 0 s"],
  [3599.6, "60 min 0 s"],
])("%f s is %s", (seconds, text) => expect(time(seconds)).toBe(text));
