import { expect, test } from "vitest";
import { recordStepTimes } from "../../../src/deploy/step-times.ts";
import type { Event } from "../../../src/output/events.ts";

/** The summary after these events, 1 s each, and the forwarded events. */
function summaryOf(...events: Event[]) {
  const forwarded: Event[] = [];
  let now = 100;
  const { report, summary } = recordStepTimes(
    (event) => forwarded.push(event),
    () => now,
  );
  for (const event of events) {
    now += 1;
    report(event);
  }
  return { summary: summary(), forwarded };
}

const skipped: Event = { type: "step-skipped", step: "predeploy", reason: "none" };
const built: Event = { type: "step-done", step: "build", seconds: 0.5 };
const deployed: Event = { type: "deployed", app: "a", release: 7, image: "oneoff/a:v7" };

test("forwards all events and summarizes them", () => {
  const { summary, forwarded } = summaryOf(skipped, built, deployed);
  expect(forwarded).toEqual([skipped, built, deployed]);
  expect(summary).toEqual({
    ...{ outcome: "deployed", release: 7, seconds: 3 },
    steps: [
      { step: "predeploy", outcome: "skipped", seconds: 0 },
      { step: "build", outcome: "done", seconds: 0.5 },
    ],
  });
});

test("summarizes a deploy with a failed step as failed", () =>
  expect(summaryOf(built, { type: "step-failed", step: "release", seconds: 2 }).summary).toMatchObject({
    ...{ outcome: "failed", release: undefined },
    steps: [{ step: "build" }, { step: "release", outcome: "failed", seconds: 2 }],
  }));

test("summarizes a deploy without changes", () =>
  expect(summaryOf(built, { ...deployed, type: "unchanged" }).summary).toMatchObject({
    outcome: "unchanged",
    release: 7,
  }));

test("returns no summary without steps or an outcome", () => {
  expect(summaryOf(deployed).summary).toBeUndefined();
  expect(summaryOf(skipped, built).summary).toBeUndefined();
});
