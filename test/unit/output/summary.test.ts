import { expect, test } from "vitest";
import type { Summary } from "../../../src/output/events.ts";
import { COLORED, PLAIN } from "../../../src/output/style.ts";
import { summaryLines } from "../../../src/output/summary.ts";

const summary: Summary = {
  ...{ outcome: "failed", release: undefined, seconds: 75.2 },
  steps: [
    { step: "build", outcome: "done", seconds: 62.04 },
    { step: "predeploy", outcome: "skipped", seconds: 0 },
    { step: "release", outcome: "failed", seconds: 9.96 },
  ],
};

test("prints the duration of each started step and of the deploy", () =>
  expect(summaryLines(summary, PLAIN)).toEqual([
    "       build     1 min 2 s",
    "       release      10.0 s  failed",
    "       total    1 min 15 s",
  ]));

test("prints a failed step in red", () =>
  expect(summaryLines(summary, COLORED)[1]).toMatch(/^\x1b\[31m.*failed\x1b\[39m$/));

test("prints nothing if no step was started", () =>
  expect(summaryLines({ ...summary, steps: summary.steps.slice(1, 2) }, PLAIN)).toEqual([]));
