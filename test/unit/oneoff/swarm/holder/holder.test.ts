import { expect, test } from "vitest";
import type { SwarmNode } from "../../../../../src/engine/swarm/node-types.ts";
import { openTransport } from "../../../../../src/engine/transport.ts";
import type { LockContext } from "../../../../../src/oneoff/locks/lock.ts";
import type { OneoffSpec } from "../../../../../src/oneoff/spec/spec.ts";
import { openHolder } from "../../../../../src/oneoff/swarm/holder/holder.ts";
import type { Event } from "../../../../../src/output/events.ts";
import { type FakeEngine, fakeEngine } from "../../../../support/fake-engine.ts";
import { ofService } from "../../../../support/swarm-services.ts";

const node = { ID: "n1", Description: { Hostname: "node1", Platform: { Architecture: "x86_64" } } } as SwarmNode;
const { Spec: service } = ofService("web", { Env: ["A=1"], User: "app", Args: ["serve"], Labels: { route: "web" } });

const spec = {
  app: "web",
  moreNetworks: [],
  body: () => ({
    Hostname: "job",
    Labels: { "dev.oneoff.command": "ls" },
    HostConfig: { NetworkMode: "closed", Dns: ["10.0.0.53"], ExtraHosts: ["db:10.0.0.9"] },
  }),
} as unknown as OneoffSpec;

async function scene(engine: FakeEngine, startTimeoutS = 30) {
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const events: Event[] = [];
  const report = (event: Event) => events.push(event);
  engine.always("GET /images/oneoff-holder:1/json", 200, { Id: "sha256:1" });
  const { surroundings, beside } = openHolder(
    { manager: transport, engine: transport, report, owner: "me" },
    { service, node, rootDir: "/data", sharesNetwork: true, startTimeoutS },
  );
  const watched = engine.on("GET /events");
  const stream = watched.then((exchange) => exchange.acknowledge());
  const happens = async (Action: string) => {
    const event = { Type: "container", Action, Actor: { ID: "c1", Attributes: {} }, timeNano: 1 };
    (await stream).write(`${JSON.stringify(event)}\n`);
  };
  stream.then((response) => response.flushHeaders());
  const context = { engine: transport, report } as unknown as LockContext;
  const besides = beside(spec);
  const prepare = (name: string) => surroundings.prepare(besides, context, name);
  return {
    happens,
    transport,
    events,
    surroundings,
    besides,
    prepare,
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

const container = (State: string) => [
  {
    Id: "c1",
    Names: ["/web-run-1234.1.x"],
    Image: "i",
    ImageID: "i",
    Labels: {},
    State,
    Status: "",
    Command: "",
    Created: 0,
  },
];

const task = (State: string, Err: string) => {
  const Timestamp = "2026-11-30T06:00:00Z";
  const times = { CreatedAt: Timestamp, UpdatedAt: Timestamp };
  const Status = { Timestamp, State, Err };
  return { ID: "t", Version: { Index: 1 }, ...times, Spec: {}, ServiceID: "s1", DesiredState: "running", Status };
};

test("creates a service of one on the node, and the container in its network", async () => {
  await using engine = await fakeEngine();
  await using held = await scene(engine);
  const created = engine.on("POST /services/create", 201, { ID: "s1" });
  const prepared = held.prepare("run.1234");
  await created;
  await held.happens("create");
  expect(await prepared).toBe(true);
  const body = (await created).body;
  expect(body).toMatchObject({
    ...{ Name: "web-run-1234", Mode: { Replicated: { Replicas: 1 } } },
    Labels: {
      "dev.oneoff.kind": "holder",
      "dev.oneoff.app": "web",
      "dev.oneoff.name": "run.1234",
      "dev.oneoff.owner": "me",
    },
    TaskTemplate: {
      ContainerSpec: {
        ...{ Image: "sha256:1", Command: ["/sleep"], Args: [], Env: ["A=1"], User: "", Labels: {}, Mounts: [] },
        ...{ Hostname: "job", Hosts: ["10.0.0.9 db"], DNSConfig: { Nameservers: ["10.0.0.53"] } },
      },
      Placement: { Constraints: ["node.id==n1"] },
      RestartPolicy: { Condition: "none" },
    },
  });
  expect(held.besides.body("run.1234").HostConfig).toEqual({ NetworkMode: "container:c1" });
  const filled = held.surroundings.fill("one-off");
  await held.happens("start");
  await filled;
  engine.on("GET /containers/json", 200, container("running"));
  engine.on("DELETE /services/s1", 200);
  await held.surroundings.release();
  expect(held.events).toEqual([]);
});

test("needs another name if a service has it", async () => {
  await using engine = await fakeEngine();
  await using held = await scene(engine);
  engine.on("POST /services/create", 409, { message: "name conflicts with an existing object" });
  expect(await held.prepare("run.1234")).toBe(false);
});

test.each<[state: string, reason: string, timeoutS: number, message: string]>([
  ["rejected", "network closed not found", 30, 'failed on node "node1": network closed not found'],
  [
    "pending",
    "no suitable node (insufficient resources on 1 node)",
    0,
    "no suitable node (insufficient resources on 1 node)",
  ],
])("fails if its task is %s", async (state, reason, timeoutS, message) => {
  await using engine = await fakeEngine();
  await using held = await scene(engine, timeoutS);
  engine.on("POST /services/create", 201, { ID: "s1" });
  engine.on("GET /tasks", 200, [task(state, reason)]);
  await expect(held.prepare("run.1234")).rejects.toThrow(message);
  engine.on("DELETE /services/s1", 200);
  await held.surroundings.abandon();
});

test("reports a service that has stopped before the one-off", async () => {
  await using engine = await fakeEngine();
  await using held = await scene(engine);
  const created = engine.on("POST /services/create", 201, { ID: "s1" });
  const prepared = held.prepare("run.1234");
  await created;
  await held.happens("start");
  await prepared;
  engine.on("GET /containers/json", 200, container("exited"));
  engine.on("DELETE /services/s1", 404, { message: "service s1 not found" });
  await held.surroundings.release();
  expect(held.events).toMatchObject([
    { type: "warning", message: expect.stringContaining("web-run-1234 has stopped") },
  ]);
});
