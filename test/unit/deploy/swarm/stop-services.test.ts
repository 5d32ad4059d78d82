import { expect, test } from "vitest";
import { stopServices } from "../../../../src/deploy/swarm/stop-services.ts";
import type { Service } from "../../../../src/engine/swarm/service-types.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { Event } from "../../../../src/output/events.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const at = { CreatedAt: "2026-11-29T01:24:38Z", UpdatedAt: "2026-11-29T01:24:38Z" };

const service: Service = {
  ...{ ID: "s1", Version: { Index: 7 }, ...at },
  Spec: {
    Name: "my-app-web",
    Labels: { "dev.oneoff.process-type": "web", "dev.oneoff.release": "1", "dev.oneoff.container": "my-app-web" },
    TaskTemplate: { ContainerSpec: { Image: "shop:v1", StopGracePeriod: 5e9 } },
    Mode: { Replicated: { Replicas: 1 } },
  },
};

const task = (State: string, DesiredState: string) => ({
  ...{ ID: "t1", Version: { Index: 8 }, ...at, ServiceID: "s1", NodeID: "n1", Slot: 1, DesiredState },
  Spec: service.Spec.TaskTemplate,
  Status: { Timestamp: at.CreatedAt, State },
});

/** @param after the states of the task once the service has no tasks. @param clock seconds that pass between questions. */
async function scene(after: readonly string[], clock = 0) {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.always("GET /services/s1", 200, service);
  engine.always("GET /nodes", 200, []);
  engine.on("GET /tasks", 200, [task("running", "running")]);
  engine.on("GET /tasks", 200, [task("running", "running")]);
  for (const state of after) engine.on("GET /tasks", 200, [task(state, "shutdown")]);
  engine.always("GET /tasks", 200, [task(after.at(-1) ?? "", "shutdown")]);
  const update = engine.on("POST /services/s1/update", 200, {});
  const events: Event[] = [];
  let time = 0;
  const context = {
    ...{ engine: transport, signal: new AbortController().signal },
    report: (event: Event) => void events.push(event),
    monotonic: () => (time += clock),
  };
  return { context, update, events, transport };
}

test("stops all tasks and waits until they have ended", async () => {
  const { context, update, events, transport } = await scene(["running", "running", "shutdown"]);
  await using _transport = transport;
  await stopServices(context, "my-app", [service], []);
  expect((await update).body.Mode).toEqual({ Replicated: { Replicas: 0 } });
  expect(events).toEqual([
    { type: "process", app: "my-app", name: "web.1", state: "stopping", stopTimeout: 5 },
    { type: "process", app: "my-app", name: "web.1", state: "stopped" },
  ]);
});

test("warns about a task that does not end, e.g. on a lost node", async () => {
  const { context, events, transport } = await scene(["running"], 20);
  await using _transport = transport;
  await stopServices(context, "my-app", [service], ["web"]);
  expect(events.at(-1)).toEqual({
    type: "warning",
    message: "Tasks of web have not reported that they stopped, e.g. because their node is lost: t1",
  });
});
