import { expect, test } from "vitest";
import { allTasks, currentTasks, stateOfTask } from "../../../../../src/oneoff/swarm/tasks/task-facts.ts";
import { swarmNode, swarmService, swarmTask } from "../../../../support/swarm-tasks.ts";

const service = swarmService("shop_web");
const nodes = [swarmNode("node1"), swarmNode("node2"), swarmNode("node3", "down", "heartbeat failure")];

const status = (State: Parameters<typeof swarmTask>[1], code = 0) =>
  stateOfTask(swarmTask(service, State, { node: "node1", code }).Status);

test("reads an exit code only together with a final state", () => {
  expect(status("complete")).toEqual({ state: "complete", code: 0 });
  expect(status("failed", 7)).toEqual({ state: "crashed", code: 7 });
  expect(status("failed", 137)).toEqual({ state: "killed", code: 137 });
  // The engine of the node was restarted: the command may not have succeeded.
  expect(status("failed")).toEqual({ state: "crashed", code: undefined });
  expect(status("rejected")).toEqual({ state: "crashed", code: undefined });
  expect(status("shutdown", 143)).toEqual({ state: "killed", code: 143 });
  expect(status("shutdown", -1)).toEqual({ state: "killed", code: undefined });
  expect(status("running", -1)).toEqual({ state: "up", code: undefined });
  for (const state of ["new", "pending", "preparing", "starting"] as const)
    expect(status(state)).toEqual({ state: "starting", code: undefined });
});

test("shows the newest task of each slot with the last failures of earlier ones", () => {
  const tasks = [
    swarmTask(service, "failed", { node: "node2", code: 7, error: "task: non-zero exit (7)", desired: "shutdown" }),
    swarmTask(service, "rejected", { node: "node1", error: "No such image: x", desired: "shutdown", created: 10 }),
    swarmTask(service, "running", { node: "node1", created: 20 }),
    swarmTask(service, "running", { slot: 2, node: "node2" }),
  ];
  const rows = currentTasks(tasks, nodes);
  expect(
    rows.map(({ state, facts: { slot, node, failures } }) => [state, slot, node, failures.map((one) => one.error)]),
  ).toEqual([
    ["up", 1, "node1", ["No such image: x", "task: non-zero exit (7)"]],
    ["up", 2, "node2", []],
  ]);
  expect(rows[0]?.facts.failures[0]).toMatchObject({ node: "node1", time: Date.parse("2026-11-30T06:20:43Z") / 1000 });
  expect(allTasks(tasks, nodes).map(({ state }) => state)).toEqual(["up", "crashed", "crashed", "up"]);
});

test("shows both tasks of a slot during an update", () => {
  const rows = currentTasks(
    [
      swarmTask(service, "running", { node: "node1", desired: "shutdown" }),
      swarmTask(service, "preparing", { node: "node2", created: 10 }),
    ],
    nodes,
  );
  expect(rows.map(({ state, facts }) => [state, facts.phase])).toEqual([
    ["starting", "preparing"],
    ["up", "stopping"],
  ]);
});

test("shows why a task waits or was not replaced", () => {
  const why = "no suitable node (scheduling constraints not satisfied on 3 nodes)";
  const [pending] = currentTasks([swarmTask(service, "pending", { error: why })], nodes);
  expect(pending).toMatchObject({ state: "starting", facts: { phase: "pending", error: why, containerId: undefined } });
  const rejected = swarmTask(service, "rejected", { node: "node1", error: "No such image: x", desired: "shutdown" });
  expect(currentTasks([rejected], nodes)).toMatchObject([{ state: "crashed", facts: { error: "No such image: x" } }]);
});

test("does not trust the state of a task whose node is down", () => {
  const tasks = [swarmTask(service, "running", { node: "node3" })];
  const error = "node3 is down: heartbeat failure";
  expect(currentTasks(tasks, nodes)).toMatchObject([{ state: "unknown", code: undefined, facts: { error } }]);
  const failed = [swarmTask(service, "failed", { node: "node3", code: 7 })];
  expect(currentTasks(failed, nodes)).toMatchObject([{ state: "crashed", code: 7, facts: { error: undefined } }]);
});

test("tells the tasks of a global service apart by their nodes", () => {
  const tasks = [
    swarmTask(service, "running", { slot: 0, node: "node1" }),
    swarmTask(service, "running", { slot: 0, node: "node2" }),
  ];
  expect(currentTasks(tasks, nodes).map(({ facts: { slot, node } }) => [slot, node])).toEqual([
    [undefined, "node1"],
    [undefined, "node2"],
  ]);
});
