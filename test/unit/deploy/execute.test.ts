import { expect, test } from "vitest";
import { type Actions, execute } from "../../../src/deploy/execute.ts";
import type { Step } from "../../../src/deploy/plan.ts";
import { STEPS } from "../../../src/deploy/step-names.ts";
import type { Event } from "../../../src/output/events.ts";

/** Each step lasts 2 s and records its name; `failing` fails. */
function scene(failing?: string) {
  const events: Event[] = [];
  const stop = new AbortController();
  let time = 100;
  const actions = Object.fromEntries(
    STEPS.map((name) => [
      name,
      async (done: string[]) => {
        time += 2;
        if (name === "schedule") stop.abort(new Error("ended by a signal"));
        if (name === failing) throw new Error(`${name} has failed`);
        return [...done, name];
      },
    ]),
  ) as unknown as Actions<string[]>;
  const context = { report: (event: Event) => events.push(event), monotonic: () => time, signal: stop.signal };
  return { events, walk: (plan: readonly Step[]) => execute(context, plan, actions, []) };
}

test("passes the state from step to step and skips steps", async () => {
  const s = scene();
  const plan: Step[] = [
    { name: "build" },
    { name: "predeploy", skipped: "in --skip" },
    { name: "release", command: "migrate --password=hunter2" },
  ];
  expect(await s.walk(plan)).toEqual(["build", "release"]);
  expect(s.events).toEqual([
    { type: "step-started", step: "build", command: undefined },
    { type: "step-done", step: "build", seconds: 2 },
    { type: "step-skipped", step: "predeploy", reason: "in --skip" },
    { type: "step-started", step: "release", command: "migrate --password=***" },
    { type: "step-done", step: "release", seconds: 2 },
  ]);
});

test("stops at the first failed step and throws its error", async () => {
  const s = scene("release");
  const plan: Step[] = [{ name: "predeploy" }, { name: "release" }, { name: "schedule" }];
  await expect(s.walk(plan)).rejects.toThrow("release has failed");
  expect(s.events.map((event) => ("step" in event ? [event.type, event.step] : []))).toEqual([
    ["step-started", "predeploy"],
    ["step-done", "predeploy"],
    ["step-started", "release"],
    ["step-failed", "release"],
  ]);
});

test("completes the current step after an abort, and starts no other", async () => {
  const s = scene();
  const plan: Step[] = [{ name: "schedule" }, { name: "postdeploy" }];
  await expect(s.walk(plan)).rejects.toThrow("ended by a signal");
  expect(s.events).toEqual([
    { type: "step-started", step: "schedule", command: undefined },
    { type: "step-done", step: "schedule", seconds: 2 },
  ]);
});

test("returns the initial state for an empty plan", async () => {
  const s = scene();
  expect(await s.walk([])).toEqual([]);
  expect(s.events).toEqual([]);
});
