import { expect, test } from "vitest";
import { openDeploySession } from "../../../../src/cli/deploys/deploy-session.ts";
import { runTimedStep } from "../../../../src/deploy/execute.ts";
import type { Event } from "../../../../src/output/events.ts";
import { fakeContext } from "../../../support/fake-context.ts";

test.each([-86_400_000, 86_400_000])("measures durations correctly when the clock is set by %i ms", async (step) => {
  const events: Event[] = [];
  let now = 1e12;
  let monotonic = 5_000;
  const report = () => (event: Event) => void events.push(event);
  const context = { ...fakeContext(), report, now: () => now, monotonic: () => monotonic };
  {
    await using session = openDeploySession(context, "app", {});
    await runTimedStep(session, "build", undefined, async () => {
      now += step;
      monotonic += 1_500;
    });
    session.report({ type: "deployed", app: "app", release: 1, image: "oneoff/app:v1" });
  }
  expect(events).toContainEqual({ type: "step-done", step: "build", seconds: 1.5 });
  expect(events).toContainEqual(expect.objectContaining({ type: "summary", outcome: "deployed", seconds: 1.5 }));
});
