import { expect, test } from "vitest";
import { recordStepTimes } from "../../../src/deploy/step-times.ts";
import type { Event } from "../../../src/output/events.ts";

/** What a summary says after these events, a second each, and what was passed on. */
function summaryOf(...events: Event[]) {
  const passed: Event[] = [];
  let now = 100;
  const { report, summary } = recordStepTimes(
    (event) => passed.push(event),
    () => now,
  );
  for (const event of events) {
    now += 1;
    report(event);
  }
  return { summary: summary(), passed };
}

const skipped: Event = { type: "step-skipped", step: "predeploy", reason: "none" };
const built: Event = { type: "step-done", step: "build", seconds: 0.5 };
const deployed: Event = { type: "deployed", app: "a", release: 7, image: "oneoff/a:v7" };

test("all is passed on, and summed up", () => {
  const { summary, passed } = summaryOf(skipped, built, deployed);
  expect(passed).toEqual([skipped, built, deployed]);
  expect(summary).toEqual({
    ...{ outcome: "deployed", release: 7, seconds: 3 },
    steps: [
      { step: "predeploy", outcome: "skipped", seconds: 0 },
      { step: "build", outcome: "done", seconds: 0.5 },
    ],
  });
});

test("what fails makes all of it fail", () =>
  expect(summaryOf(built, { type: "step-failed", step: "release", seconds: 2 }).summary).toMatchObject({
    ...{ outcome: "failed", release: undefined },
    steps: [{ step: "build" }, { step: "release", outcome: "failed", seconds: 2 }],
  }));

test("what is live already, too, has its times", () =>
  expect(summaryOf(built, { ...deployed, type: "unchanged" }).summary).toMatchObject({
    outcome: "unchanged",
    release: 7,
  }));

test("without steps, or an end, there is nothing to sum up", () => {
  expect(summaryOf(deployed).summary).toBeUndefined();
  expect(summaryOf(skipped, built).summary).toBeUndefined();
});
