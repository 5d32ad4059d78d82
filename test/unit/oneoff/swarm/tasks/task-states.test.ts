import { describe, expect, test } from "vitest";
import type { Task } from "../../../../../src/engine/swarm/task-types.ts";
import { firstTask, isFinalState, judgeTask } from "../../../../../src/oneoff/swarm/tasks/task-states.ts";

type Status = Partial<Task["Status"]> & { id?: string; code?: number };

/** As Engine 20.10 and 28.5 report it. */
const task = ({ id = "c1", code, ...status }: Status): Pick<Task, "Status"> => ({
  Status: {
    ...{ Timestamp: "2026-11-30T06:17:07Z", State: "running", ...status },
    ContainerStatus: { ContainerID: id, ExitCode: code ?? 0 },
  },
});
const node = (State: "ready" | "down") => ({ Status: { State } });

describe("a task that has not ended", () => {
  test.each([
    [{ State: "new" }, { stage: "waiting", reason: undefined }],
    [
      { State: "pending", Err: "no suitable node (insufficient resources on 2 nodes)" },
      { stage: "waiting", reason: "no suitable node (insufficient resources on 2 nodes)" },
    ],
    [{ State: "preparing" }, { stage: "starting" }],
    [{ State: "starting" }, { stage: "starting" }],
    [{ State: "running" }, { stage: "running" }],
    // During a removal.
    [{ State: "running", code: -1 }, { stage: "running" }],
  ] as const)("%j", (status, stage) => {
    expect(judgeTask(task(status), undefined)).toEqual(stage);
    expect(judgeTask(task(status), node("ready"))).toEqual(stage);
    expect(isFinalState(status.State)).toBe(false);
  });

  test("is lost while its node is down", () => {
    expect(judgeTask(task({ State: "running" }), node("down"))).toEqual({ stage: "lost" });
    expect(judgeTask(task({ State: "preparing" }), node("down"))).toEqual({ stage: "lost" });
    expect(judgeTask(task({ State: "pending" }), node("down"))).toEqual({ stage: "waiting", reason: undefined });
  });
});

describe("a task that has ended", () => {
  test.each([
    [{ State: "complete" }, { stage: "exited", code: 0 }],
    [
      { State: "failed", Err: "task: non-zero exit (7)", code: 7 },
      { stage: "exited", code: 7 },
    ],
    [
      { State: "failed", Err: "task: non-zero exit (137)", code: 137 },
      { stage: "exited", code: 137 },
    ],
    [
      { State: "failed", Err: "No such container: x" },
      { stage: "unknown", reason: "No such container: x" },
    ],
    [
      { State: "failed", Err: 'starting container failed: exec: "nope": not found', code: 127 },
      { stage: "not-started", reason: 'exec: "nope": not found', code: 127 },
    ],
    [
      { State: "rejected", Err: "No such image: nope:1", id: "" },
      { stage: "not-started", reason: "No such image: nope:1", code: undefined },
    ],
    [
      { State: "failed", Err: "node is broken", id: "" },
      { stage: "not-started", reason: "node is broken", code: undefined },
    ],
    [
      { State: "shutdown", code: 143 },
      { stage: "stopped", code: 143 },
    ],
    [
      { State: "shutdown", code: 0 },
      { stage: "stopped", code: 0 },
    ],
    [
      { State: "shutdown", id: "" },
      { stage: "stopped", code: undefined },
    ],
    [
      { State: "shutdown", code: -1 },
      { stage: "unknown", reason: "it was stopped" },
    ],
    [{ State: "orphaned" }, { stage: "unknown", reason: "its task is orphaned" }],
    [{ State: "remove" }, { stage: "unknown", reason: "its task is remove" }],
  ] as const)("%j", (status, stage) => {
    expect(judgeTask(task(status), undefined)).toEqual(stage);
    // Its state is known, whatever happens to its node later.
    expect(judgeTask(task(status), node("down"))).toEqual(stage);
    expect(isFinalState(status.State)).toBe(true);
  });
});

test("the first task of a service of one is the one that ran", () => {
  const ran = { ID: "a", CreatedAt: "2026-11-30T06:19:20.1Z" };
  expect(firstTask([{ ID: "b", CreatedAt: "2026-11-30T06:19:24.4Z" }, ran])).toBe(ran);
  expect(firstTask([])).toBeUndefined();
});
