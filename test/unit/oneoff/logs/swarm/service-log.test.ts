import { describe, expect, test } from "vitest";
import type { SwarmNode } from "../../../../../src/engine/swarm/node-types.ts";
import type { Service } from "../../../../../src/engine/swarm/service-types.ts";
import type { Task } from "../../../../../src/engine/swarm/task-types.ts";
import { openTransport } from "../../../../../src/engine/transport.ts";
import { LABEL } from "../../../../../src/identity/labels.ts";
import { ownLabels } from "../../../../../src/identity/ownership.ts";
import { findServiceLog, listLoggedTasks, toLoggedServices } from "../../../../../src/oneoff/logs/swarm/service-log.ts";
import { fakeEngine } from "../../../../support/fake-engine.ts";

const service = (Name: string, Labels: Record<string, string> = {}): Service => ({
  ID: `id-of-${Name}`,
  Version: { Index: 1 },
  ...{ CreatedAt: "2013-03-13T15:38:08.1Z", UpdatedAt: "2013-03-13T15:38:08.1Z" },
  Spec: { Name, Labels, TaskTemplate: { ContainerSpec: { Image: "busybox" } } },
});

const own = (Name: string, kind: string, app: string, more: Record<string, string> = {}) =>
  service(Name, ownLabels(Name, { [LABEL.kind]: kind, [LABEL.app]: app, ...more }));

const stacked = (name: string, stack: string) => service(name, { "com.docker.stack.namespace": stack });

const SERVICES = [
  stacked("shop_web", "shop"),
  stacked("shop_worker", "shop"),
  stacked("blog_web", "blog"),
  service("agent"),
  own("my-app-web", "process", "my-app", { [LABEL.processType]: "web" }),
  own("my-app-worker", "process", "my-app", { [LABEL.processType]: "worker" }),
  own("agent-run-7364", "run", "agent", { [LABEL.name]: "run.7364" }),
  own("shop-web-run-1111", "run", "shop/web", { [LABEL.name]: "run.1111" }),
  own("agent-holder-1", "holder", "agent"),
  // A copy of a label proves nothing.
  service("copy", ownLabels("agent-run-7364", { [LABEL.kind]: "run", [LABEL.app]: "agent" })),
];

const find = (word: string | undefined, app?: string) => findServiceLog({ word, app }, SERVICES);

const selected = (word: string | undefined, app?: string) => {
  const log = find(word, app);
  return log && toLoggedServices(SERVICES).flatMap((one) => (log.selectsService(one) ? one.service.Spec.Name : []));
};

describe("an app", () => {
  test.each([
    ["a service", "shop_web", ["shop_web", "shop-web-run-1111"]],
    ["a service of a stack", "shop/web", ["shop_web", "shop-web-run-1111"]],
    ["a qualified name", "swarm:shop_web", ["shop_web", "shop-web-run-1111"]],
    ["the short name of a service", "worker", ["shop_worker"]],
    ["an app that oneoff has deployed", "my-app", ["my-app-web", "my-app-worker"]],
    ["a service with one-offs, without helpers", "agent", ["agent", "agent-run-7364"]],
  ])("selects %s", (_, word, names) => expect(selected(word)).toEqual(names));

  test("has the name that was typed, with which one-offs are started", () => {
    expect(find("shop/web")?.app).toBe("shop/web");
  });

  test("is not found by the name of a helper or a one-off", () => {
    expect([find("agent-holder-1"), find("nothing")]).toEqual([undefined, undefined]);
  });

  test("rejects a name of several services", () => {
    expect(() => find("web")).toThrow('Several apps have the name "web": swarm:blog_web, swarm:shop_web');
  });
});

describe("a part of an app", () => {
  test.each([
    ["a task", "shop_web.2", undefined, ["shop_web"], ["shop_web.2"]],
    [
      "a task of an app that oneoff has deployed",
      "my-app.web.1",
      undefined,
      ["my-app-web", "my-app-worker"],
      ["web.1"],
    ],
    ["a process type", "web", "my-app", ["my-app-web", "my-app-worker"], ["web.1", "web.2"]],
    ["a process", "worker.1", "my-app", ["my-app-web", "my-app-worker"], ["worker.1"]],
    ["one-offs", "run", "agent", ["agent-run-7364"], ["run.7364"]],
  ])("selects %s", (_, word, app, services, tasks) => {
    expect(selected(word, app)).toEqual(services);
    const log = find(word, app);
    const all = [
      ["shop_web", "shop_web.1"],
      ["shop_web", "shop_web.2"],
      ["web", "web.1"],
      ["web", "web.2"],
      ["worker", "worker.1"],
      ["run.7364", "run.7364"],
    ] as const;
    const ofServices = all.filter(([type]) =>
      toLoggedServices(SERVICES).some((one) => one.type === type && log?.selectsService(one)),
    );
    expect(ofServices.flatMap(([type, name]) => (log?.selectsTask(type, name) ? name : []))).toEqual(tasks);
  });

  test("rejects an unknown process", () => {
    expect(() => find("clock", "my-app")).toThrow('my-app has no process "clock"');
  });
});

test.each([
  ["its name", "run.7364", undefined],
  ["its number", "7364", undefined],
  ["its name and its app", "run.7364", "agent"],
  ["the name of a container", "agent.run.7364", undefined],
  ["the name of its service", "agent-run-7364", undefined],
])("finds a one-off by %s", (_, word, app) => {
  expect(find(word, app)?.oneoff?.service.Spec.Name).toBe("agent-run-7364");
  expect(selected(word, app)).toEqual(["agent-run-7364"]);
});

const task = (ID: string, ofService: string, second: number, more: Partial<Task>): Task => ({
  ...{ ID, Version: { Index: 1 }, Spec: {}, ServiceID: `id-of-${ofService}`, NodeID: "n2", DesiredState: "running" },
  ...{ CreatedAt: `2013-03-13T15:38:0${second}Z`, UpdatedAt: `2013-03-13T15:38:0${second}Z` },
  Status: { Timestamp: "2013-03-13T15:38:09Z", State: "running", ContainerStatus: { ContainerID: `c-${ID}` } },
  ...more,
});

const node = (ID: string, Hostname: string, State: SwarmNode["Status"]["State"]): SwarmNode => ({
  ...{ ID, Spec: { Role: "worker", Availability: "active" }, Description: { Hostname }, Status: { State } },
});

test("lists tasks with their names and nodes, newest first", async () => {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /tasks", 200, [
    task("old", "agent", 1, {}),
    task("new", "agent", 2, { Slot: 3, NodeID: "n1" }),
    task("one", "agent-run-7364", 3, { Slot: 1, Status: { Timestamp: "2013-03-13T15:38:09Z", State: "pending" } }),
  ]);
  engine.on("GET /nodes", 200, [node("n1", "node1", "ready"), node("n2", "node2", "down")]);
  const log = find("agent");
  const tasks = log && (await listLoggedTasks(transport, log, SERVICES));
  expect(tasks?.map(({ name, containerId, node, isNodeDown }) => [name, containerId, node, isNodeDown])).toEqual([
    ["run.7364", undefined, "node2", true],
    ["agent.3", "c-new", "node1", false],
    ["agent.node2", "c-old", "node2", true],
  ]);
});

test("leaves a one-off of an app that is no service to the journal", () =>
  expect(findServiceLog({ word: "run.7364", app: "web" }, [service("web")])).toBeUndefined());
