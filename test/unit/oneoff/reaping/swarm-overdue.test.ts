import { describe, expect, test } from "vitest";
import type { TaskState } from "../../../../src/engine/swarm/task-types.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { ownLabels } from "../../../../src/identity/ownership.ts";
import { selectSwarmOverdue } from "../../../../src/oneoff/reaping/swarm-overdue.ts";
import { oneoffOf } from "../../../support/deployed.ts";
import { swarmService, swarmTask } from "../../../support/swarm-tasks.ts";

/** Tasks begin two seconds after their create. */
const START = Date.parse("2026-11-30T06:20:33Z") / 1000;
const HOUR = 3600;

const serviceOf = (kind: string, labels: Record<string, string>, constraints: readonly string[] = []) => {
  const own = Object.fromEntries(Object.entries(labels).map(([key, value]) => [`dev.oneoff.${key}`, value]));
  const identity = { "dev.oneoff.kind": kind, "dev.oneoff.app": "my-app", "dev.oneoff.name": "run.7364" };
  const name = "my-app-run-7364";
  const service = swarmService(name, ownLabels(name, { ...identity, ...own }));
  const TaskTemplate = { ...service.Spec.TaskTemplate, Placement: { Constraints: [...constraints] } };
  return { ...service, CreatedAt: "2026-11-30T06:20:33Z", Spec: { ...service.Spec, TaskTemplate } };
};

/** The verdicts in passing and for an explicit reap, after a time in seconds. */
function verdicts(
  service: ReturnType<typeof serviceOf>,
  state: TaskState | undefined,
  passed: number,
  containers?: ContainerSummary[],
) {
  const clock = {
    now: START + passed,
    isAlive: (owner: string) => ({ "here:alive": true, "here:dead": false })[owner],
  };
  const tasks = state === undefined ? [] : [swarmTask(service, state, { node: "node1" })];
  const known = { services: [service], tasks, containersOn: () => containers };
  return [false, true].map((explicit) =>
    selectSwarmOverdue(known, clock, explicit)
      .map(({ action, reason }) => `${action} ${reason}`)
      .join(),
  );
}

const twice = (verdict: string) => [verdict, verdict];

describe("a one-off that is a service task", () => {
  const run = (labels: Record<string, string>) => serviceOf("run", labels);
  test.each([
    ["is kept until its retention is over", { retain: "60" }, "complete", 59, twice("")],
    ["is removed after its retention", { retain: "60" }, "failed", 60, twice("remove expired")],
    ["is stopped after its timeout", { retain: "60", timeout: "10" }, "running", 10, twice("stop deadline")],
    ["runs until its timeout", { retain: "60", timeout: "10" }, "running", 9, twice("")],
    ["is left to its owner", { timeout: "10", owner: "here:alive" }, "running", 10, twice("")],
    [
      "is stopped by an explicit reap if its owner has exited",
      { owner: "here:dead" },
      "running",
      1,
      ["", "stop orphaned"],
    ],
    ["runs on as requested", { owner: "here:dead", "on-disconnect": "keep" }, "running", 1, twice("")],
    ["is removed if its owner has exited before it", { owner: "here:dead" }, "complete", 1, twice("remove orphaned")],
    ["is kept for an owner on another machine", { owner: "there:1" }, "complete", HOUR, twice("")],
    [
      "is removed after an hour for such an owner",
      { owner: "there:1" },
      "complete",
      HOUR + 1,
      twice("remove orphaned"),
    ],
    [
      "is removed if it never started",
      { owner: "here:dead", retain: "60" },
      "pending",
      1,
      twice("remove never-started"),
    ],
    ["waits for a node while its owner lives", { owner: "here:alive" }, "pending", HOUR * 9, twice("")],
    ["is removed without a task", { owner: "here:dead" }, undefined, 1, twice("remove never-started")],
  ] as const)("%s", (_, labels, state, passed, expected) => {
    expect(verdicts(run(labels), state, passed)).toEqual(expected);
  });

  test("is not touched if the name of the service shows that its labels are copies", () => {
    const { Spec, ...service } = run({ retain: "60" });
    expect(verdicts({ ...service, Spec: { ...Spec, Name: "copy" } }, "complete", 99)).toEqual(twice(""));
  });
});

describe("a service beside a one-off", () => {
  const holder = serviceOf("holder", { owner: "here:dead" }, ["node.role==worker", "node.id==id-of-node1"]);
  const beside = oneoffOf("my-app", 7364);
  test.each([
    ["is removed without its one-off", [], twice("remove orphaned")],
    [
      "is removed after the exit of its one-off",
      [{ ...beside, State: "exited", Status: "Exited (0) 1 second ago" }],
      twice("remove orphaned"),
    ],
    ["is needed by its one-off", [beside], twice("")],
    ["is kept if the engine of its node was not asked", undefined, twice("")],
  ])("%s", (_, containers, expected) => {
    expect(verdicts(holder, "running", 1, containers)).toEqual(expected);
  });

  test("is kept while its owner may create the one-off", () => {
    const of = (owner: string) => serviceOf("holder", { owner }, ["node.id==id-of-node1"]);
    expect(verdicts(of("here:alive"), "running", 9 * HOUR, [])).toEqual(twice(""));
    expect(verdicts(of("there:1"), "running", HOUR, [])).toEqual(twice(""));
    expect(verdicts(of("there:1"), "running", HOUR + 1, [])).toEqual(twice("remove orphaned"));
  });
});
