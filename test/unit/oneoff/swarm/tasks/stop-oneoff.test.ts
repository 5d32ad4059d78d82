import { expect, test } from "vitest";
import type { Task } from "../../../../../src/engine/swarm/task-types.ts";
import { openTransport } from "../../../../../src/engine/transport.ts";
import { readTasks } from "../../../../../src/oneoff/swarm/tasks/list-services.ts";
import { stopSwarmOneoff, stopTask } from "../../../../../src/oneoff/swarm/tasks/stop-oneoff.ts";
import { waitForTask } from "../../../../../src/oneoff/swarm/tasks/wait-for-task.ts";
import type { Event } from "../../../../../src/output/events.ts";
import { details } from "../../../../support/deployed.ts";
import { type FakeEngine, fakeEngine } from "../../../../support/fake-engine.ts";
import { fakeJournal } from "../../../../support/fake-journal.ts";
import { swarmNode, swarmService, swarmTask } from "../../../../support/swarm-tasks.ts";

const name = "shop_web-run-7364";
const oneoff = swarmService(name, {
  ...{ "dev.oneoff.container": name, "dev.oneoff.kind": "run", "dev.oneoff.app": "shop_web" },
  ...{ "dev.oneoff.name": "run.7364", "dev.oneoff.timeout": "60" },
});
const node2 = swarmNode("node2");

/** A manager whose Swarm has this task, and the engine of its node. */
async function scene(tasks: readonly Task[], node = node2) {
  const manager = await fakeEngine();
  const worker = await fakeEngine();
  const open = (engine: FakeEngine) => openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const [home, there] = [open(manager), open(worker)];
  manager.always("GET /tasks", 200, tasks);
  manager.always("GET /nodes", 200, [node]);
  manager.always("GET /nodes/id-of-node2", 200, node);
  const events: Event[] = [];
  const context = { engine: home, journal: fakeJournal(), report: (event: Event) => events.push(event), grace: 7 };
  return {
    ...{ manager, worker, home, events },
    stop: async (reaches: boolean) =>
      await stopSwarmOneoff(
        { ...context, findEngine: async () => (reaches ? { engine: there } : undefined) },
        oneoff,
        await readTasks(home, [oneoff]),
      ),
    stopTask: async (service = swarmService("web")) =>
      await stopTask(
        { ...context, findEngine: async () => undefined },
        { service, task: swarmTask(service, "running", { node: "node2" }), node, name: "web.1" },
      ),
    async [Symbol.asyncDispose]() {
      for (const one of [home, there, manager, worker]) await one[Symbol.asyncDispose]();
    },
  };
}

const running = swarmTask(oneoff, "running", { node: "node2" });
const ended = {
  ...running,
  Status: { ...running.Status, State: "failed", ContainerStatus: { ContainerID: "c", ExitCode: 143 } },
};
const stopped = { type: "stopped", name: "run.7364", app: "shop_web" };
const absent = { message: "No such container: container-1-0" };

test("stops a task through the engine of its node, and waits until the manager knows", async () => {
  await using s = await scene([running]);
  s.manager.on("GET /containers/container-1-0/json", 404, absent);
  s.worker.on("GET /containers/container-1-0/json", 200, details());
  s.worker.on("POST /containers/container-1-0/stop", 204);
  s.manager.on(`GET /tasks/${running.ID}`, 200, running);
  s.manager.on(`GET /tasks/${running.ID}`, 200, ended);
  await s.stop(true);
  expect(s.events).toEqual([stopped]);
  expect(s.worker.lines).toContain("POST /containers/container-1-0/stop?t=7");
});

test("stops a task through the manager if its node has no known engine", async () => {
  await using s = await scene([running]);
  s.manager.on("GET /containers/container-1-0/json", 404, absent);
  s.manager.on(`GET /services/${oneoff.ID}`, 200, oneoff);
  const update = s.manager.on(`POST /services/${oneoff.ID}/update`, 200, {});
  s.manager.on(`GET /tasks/${running.ID}`, 200, ended);
  await s.stop(false);
  expect((await update).body.TaskTemplate.Placement.Constraints).toHaveLength(1);
  expect(s.events).toMatchObject([
    { type: "warning", message: expect.stringContaining("--grace is not used") },
    stopped,
  ]);
});

test("removes a one-off that has no node, and reports one that has ended", async () => {
  await using s = await scene([swarmTask(oneoff, "pending")]);
  s.manager.on(`DELETE /services/${oneoff.ID}`, 200);
  await s.stop(false);
  expect(s.events).toEqual([stopped]);
  await using past = await scene([ended as Task]);
  await past.stop(false);
  expect(past.events).toEqual([{ ...stopped, type: "already-exited" }]);
});

test("does not report a stop on a node that is down", async () => {
  await using s = await scene([running], swarmNode("node2", "down"));
  await expect(s.stop(false)).rejects.toMatchObject({ code: "node-lost" });
  expect(s.events).toEqual([]);
});

test("refuses to stop a service's task on a node without a known engine", async () => {
  await using s = await scene([]);
  s.manager.on("GET /containers/container-1-0/json", 404, absent);
  await expect(s.stopTask()).rejects.toMatchObject({
    code: "task-elsewhere",
    next: expect.stringContaining("docker --host ssh://10.0.0.2 stop web.1.running-1-0"),
  });
});

test("waits for the exit code of a task together with its state", async () => {
  await using s = await scene([running]);
  s.manager.on(`GET /tasks/${running.ID}`, 200, ended);
  expect(await waitForTask(s.home, oneoff)).toEqual({ code: 143, timedOut: false });
  await using late = await scene([]);
  const Timestamp = "2026-11-30T06:22:00Z";
  late.manager.on("GET /tasks", 200, [{ ...ended, Status: { ...ended.Status, Timestamp } }]);
  expect(await waitForTask(late.home, oneoff)).toEqual({ code: 143, timedOut: true });
  // The engine of the node was restarted.
  await using lost = await scene([swarmTask(oneoff, "failed", { node: "node2", error: "No such container" })]);
  await expect(waitForTask(lost.home, oneoff)).rejects.toMatchObject({ code: "exit-unknown" });
});
