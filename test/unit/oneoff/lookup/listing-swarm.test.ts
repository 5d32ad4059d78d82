import { expect, test } from "vitest";
import type { Service } from "../../../../src/engine/swarm/service-types.ts";
import type { Task } from "../../../../src/engine/swarm/task-types.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { LISTED_STATES, type ListQuery } from "../../../../src/oneoff/lookup/listed.ts";
import { readListing } from "../../../../src/oneoff/lookup/listing.ts";
import { listed, ofDokku, ofSwarm, oneoffOf } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { swarmNode, swarmService, swarmTask } from "../../../support/swarm-tasks.ts";

const web = swarmService("shop_web");
const oneoff = swarmService("shop_web-run-7364", {
  ...{ "dev.oneoff.container": "shop_web-run-7364", "dev.oneoff.kind": "run", "dev.oneoff.app": "shop_web" },
  ...{ "dev.oneoff.name": "run.7364", "dev.oneoff.command": "rake a", "dev.oneoff.retain": "60" },
});

/** The listing that `ps` prints, and its requests after those of containers. */
async function listing(
  query: Partial<ListQuery>,
  {
    containers = [],
    own = [],
    services,
    tasks = [],
  }: {
    readonly containers?: readonly ContainerSummary[];
    readonly own?: readonly ContainerSummary[];
    /** Undefined for an engine that is not a manager. */
    readonly services?: readonly Service[];
    readonly tasks?: readonly Task[];
  },
) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.always("GET /containers/json", 200, containers);
  if (services) engine.always("GET /services", 200, services);
  engine.always("GET /tasks", 200, tasks);
  engine.always("GET /nodes", 200, [swarmNode("node1"), swarmNode("node2")]);
  const whole = {
    app: undefined,
    processApp: query.app,
    type: undefined,
    states: ["starting", "up"] as const,
    ...query,
  };
  const { oneoffs, processes, isPartial } = await readListing(transport, { read: () => [] }, whole, async () => own);
  return {
    oneoffs: oneoffs.map(({ app, name, state, task }) => [app, name, state, task?.node].join(" ").trim()),
    processes: processes.map(({ name, state, task }) => [name, state, task?.node].join(" ").trim()),
    isPartial,
    requests: engine.lines.filter((line) => !line.startsWith("GET /containers/json")).map((line) => line.split("?")[0]),
  };
}

test("asks for services only if no container tells whose app it is", async () => {
  const dokku = { containers: [ofDokku("my-app", "web")], own: [oneoffOf("my-app")] };
  expect(await listing({ app: "my-app" }, dokku)).toMatchObject({ processes: ["web.1 up"], requests: [] });
  const none = {
    oneoffs: ["my-app run.7364 up"],
    processes: [],
    requests: ["GET /services", "GET /services"],
    isPartial: false,
  };
  expect(await listing({ app: "my-app" }, { own: [oneoffOf("my-app"), oneoffOf("blog")] })).toMatchObject(none);
});

test("lists the tasks on all nodes instead of the containers on this one", async () => {
  const leftover = ofSwarm("shop_web", 1, { State: "exited", Status: "Exited (0) 1 hour ago" });
  const tasks = [
    swarmTask(web, "running", { node: "node2" }),
    swarmTask(web, "failed", { slot: 2, node: "node1", code: 1, desired: "shutdown" }),
  ];
  const engine = { containers: [leftover], services: [web, swarmService("web")], tasks };
  expect(await listing({ app: "shop_web" }, engine)).toMatchObject({
    processes: ["shop_web.1 up node2", "shop_web.2 crashed node1"],
    requests: ["GET /services", "GET /services", "GET /tasks", "GET /nodes"],
    isPartial: false,
  });
  expect(await listing({ app: "shop_web", states: ["up"] }, engine)).toMatchObject({
    processes: ["shop_web.1 up node2"],
  });
  // Containers of a removed service.
  expect(
    await listing({ app: "shop_web", states: LISTED_STATES }, { containers: [leftover], services: [] }),
  ).toMatchObject({
    processes: [],
  });
});

test("lists the containers of a worker as a part of the tasks", async () => {
  expect(await listing({ app: "shop_web" }, { containers: [ofSwarm("shop_web")] })).toMatchObject({
    processes: ["shop_web.1 up"],
    isPartial: true,
  });
});

test("lists one-offs that are services", async () => {
  const services = [web, oneoff, swarmService("fake", { ...oneoff.Spec.Labels })];
  const running = [swarmTask(oneoff, "running", { node: "node2" })];
  const row = "shop_web run.7364 up node2";
  expect(await listing({}, { services, tasks: running, own: [oneoffOf("blog")] })).toMatchObject({
    oneoffs: ["blog run.7364 up", row],
  });
  expect(await listing({ app: "shop_web", type: "run" }, { services, tasks: running })).toMatchObject({
    oneoffs: [row],
  });
  expect(await listing({ app: "blog", type: "run" }, { services, tasks: running })).toMatchObject({ oneoffs: [] });
  const ended = [swarmTask(oneoff, "failed", { node: "node2", code: 3, desired: "shutdown" })];
  expect(await listing({}, { services, tasks: ended })).toMatchObject({ oneoffs: [] });
  expect(await listing({ states: ["crashed"] }, { services, tasks: ended })).toMatchObject({
    oneoffs: ["shop_web run.7364 crashed node2"],
  });
});

test("lists a one-off beside its holder on another node once", async () => {
  const holder = swarmService("shop_web-run-8123", {
    ...{ "dev.oneoff.container": "shop_web-run-8123", "dev.oneoff.kind": "holder", "dev.oneoff.app": "shop_web" },
    ...{ "dev.oneoff.name": "run.8123", "dev.oneoff.command": "bash" },
  });
  const services = [web, holder];
  const tasks = [swarmTask(holder, "running", { node: "node2" })];
  expect(await listing({}, { services, tasks })).toMatchObject({ oneoffs: ["shop_web run.8123 up node2"] });
  const own = [oneoffOf("shop_web", 8123)];
  expect(await listing({}, { services, tasks, own })).toMatchObject({ oneoffs: ["shop_web run.8123 up"] });
  const ended = [swarmTask(holder, "shutdown", { node: "node2" })];
  expect(await listing({ states: LISTED_STATES }, { services, tasks: ended })).toMatchObject({ oneoffs: [] });
});

test("reads all tasks if a service is removed meanwhile", async () => {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /services", 200, [oneoff]);
  engine.on("GET /tasks", 404, { message: "service id-of-shop_web-run-7364 not found" });
  engine.on("GET /tasks", 200, []);
  engine.on("GET /nodes", 200, []);
  const query = { app: undefined, processApp: undefined, type: undefined, states: ["starting"] as const };
  const { oneoffs } = await readListing(transport, { read: () => [] }, query, async () => [listed("x")]);
  expect(oneoffs).toMatchObject([{ name: "run.7364", state: "starting", retain: 60, command: "rake a" }]);
});
