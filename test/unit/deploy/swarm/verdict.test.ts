import { describe, expect, test } from "vitest";
import { type Expected, judge, placementProblem } from "../../../../src/deploy/swarm/verdict.ts";
import type { UpdateStatus } from "../../../../src/engine/swarm/service-types.ts";
import type { Task, TaskState } from "../../../../src/engine/swarm/task-types.ts";
import { ofOwnService } from "../../../support/swarm-services.ts";

const NOW = Date.parse("2026-11-30T07:00:00Z") / 1000;

const service = (release: number, UpdateStatus?: UpdateStatus) => {
  const { Spec, ...same } = ofOwnService("my-app", "web");
  const Labels = { ...Spec.Labels, "dev.oneoff.release": String(release) };
  return { ...same, Spec: { ...Spec, Labels }, ...(UpdateStatus && { UpdateStatus }) };
};

/** @param age in seconds. */
const task = (ID: string, State: TaskState, age: number, DesiredState: TaskState = "running", Err?: string): Task => ({
  ...{ ID, Version: { Index: 1 }, Spec: {}, ServiceID: "s", Slot: 1, NodeID: "n", DesiredState },
  CreatedAt: new Date((NOW - age) * 1000).toISOString(),
  UpdatedAt: "2026-11-30T06:00:00Z",
  Status: { Timestamp: new Date((NOW - age) * 1000).toISOString(), State, ...(Err !== undefined && { Err }) },
});

const expected = (more: Partial<Expected> = {}): Expected => ({
  ...{ release: 2, quantity: 1, isUpdate: true, oldTasks: new Set(["old"]), monitorS: 5 },
  ...more,
});

const running = [task("new", "running", 9), task("old", "shutdown", 60, "shutdown")];
const FAILED = "update rolled back due to failure or early termination of task abc123";

describe("an update", () => {
  test.each<[string, number, UpdateStatus | undefined, object]>([
    ["waits before Swarm reports it", 2, undefined, { state: "waiting" }],
    ["waits while it is in progress", 2, { State: "updating" }, { state: "waiting" }],
    ["is done when it is completed", 2, { State: "completed" }, { state: "done" }],
    ["waits while it is rolled back", 1, { State: "rollback_started", Message: FAILED }, { state: "waiting" }],
    [
      "fails when it is rolled back",
      1,
      { State: "rollback_completed", Message: FAILED },
      { state: "failed", task: "abc123" },
    ],
    [
      "fails when the rollback fails",
      1,
      { State: "rollback_paused", Message: FAILED },
      { state: "failed", task: "abc123" },
    ],
    ["fails when it is paused", 2, { State: "paused", Message: "update paused" }, { state: "failed", task: undefined }],
    ["is not completed by another release", 3, { State: "completed" }, { state: "replaced" }],
  ])("%s", (_case, release, status, verdict) =>
    expect(judge(service(release, status), running, expected(), NOW)).toEqual(verdict),
  );

  test("waits for all tasks, and fails if one fails after its end", () => {
    const completed = service(2, { State: "completed", CompletedAt: new Date((NOW - 20) * 1000).toISOString() });
    const judged = (...tasks: Task[]) => judge(completed, [...running, ...tasks], expected({ quantity: 2 }), NOW);
    expect(judged().state).toBe("waiting");
    // Swarm has replaced it during the update.
    expect(judged(task("early", "failed", 30, "shutdown")).state).toBe("waiting");
    expect(judged(task("late", "failed", 10, "shutdown"))).toEqual({ state: "failed", task: "late" });
    expect(judged(task("second", "running", 1)).state).toBe("done");
  });
});

describe("a change that Swarm does not report", () => {
  const change = expected({ isUpdate: false, oldTasks: new Set() });

  test("waits until new tasks have stayed up", () => {
    expect(judge(service(2), [], change, NOW)).toEqual({ state: "waiting" });
    expect(judge(service(2), [task("a", "starting", 9)], change, NOW)).toEqual({ state: "waiting" });
    expect(judge(service(2), [task("a", "running", 4)], change, NOW)).toEqual({ state: "waiting" });
    expect(judge(service(2), [task("a", "running", 5)], change, NOW)).toEqual({ state: "done" });
  });

  test.each<TaskState>(["failed", "rejected", "complete"])("fails with the newest task that is %s", (state) => {
    const tasks = [task("a", state, 9, "shutdown"), task("b", state, 4, "shutdown"), task("c", "preparing", 1)];
    expect(judge(service(2), tasks, change, NOW)).toEqual({ state: "failed", task: "b" });
  });

  test("keeps tasks that ran before, and waits for removed ones", () => {
    const kept = { ...change, oldTasks: new Set(["a", "b"]) };
    const tasks = [task("a", "running", 1), task("b", "running", 1)];
    expect(judge(service(2), tasks, kept, NOW)).toEqual({ state: "waiting" });
    expect(judge(service(2), [task("a", "running", 1), task("b", "running", 1, "shutdown")], kept, NOW)).toEqual({
      state: "done",
    });
  });
});

test("explains why a task has no node", () => {
  const reason = "no suitable node (insufficient resources on 2 nodes)";
  expect(placementProblem([...running, task("a", "pending", 1, "running", reason)])).toBe(reason);
  expect(placementProblem([...running, task("a", "pending", 1)])).toBeUndefined();
});
