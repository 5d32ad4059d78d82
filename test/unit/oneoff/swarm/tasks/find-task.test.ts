import { expect, test } from "vitest";
import type { Task } from "../../../../../src/engine/swarm/task-types.ts";
import { openTransport } from "../../../../../src/engine/transport.ts";
import { findTask, matchServices, type TaskChoice } from "../../../../../src/oneoff/swarm/tasks/find-task.ts";
import { addressOf, reachTask } from "../../../../../src/oneoff/swarm/tasks/reach-task.ts";
import { fakeEngine } from "../../../../support/fake-engine.ts";
import { swarmNode, swarmService, swarmTask } from "../../../../support/swarm-tasks.ts";

const own = (name: string, kind: string, labels: Record<string, string>) =>
  swarmService(name, { "dev.oneoff.container": name, "dev.oneoff.kind": kind, ...labels });

const web = swarmService("shop_web", { "com.docker.stack.namespace": "shop" });
const blog = swarmService("blog_web", { "com.docker.stack.namespace": "blog" });
const plain = swarmService("plain");
const process = (type: string) =>
  own(`my-app-${type}`, "process", { "dev.oneoff.app": "my-app", "dev.oneoff.process-type": type });
const oneoff = own("shop_web-run-7364", "run", { "dev.oneoff.app": "shop_web", "dev.oneoff.name": "run.7364" });
const holder = own("plain-run-8123", "holder", { "dev.oneoff.app": "plain", "dev.oneoff.name": "run.8123" });
const services = [web, plain, process("worker"), process("web"), oneoff, holder];

const match = (word: string, choice: TaskChoice = {}, among = services) =>
  matchServices(word, among, choice).map(({ service, slot }) => [service.Spec.Name, slot].join(" ").trim());

test("matches services by every name of their apps", () => {
  for (const word of ["shop_web", "shop/web", "swarm:shop_web"]) expect(match(word), word).toEqual(["shop_web"]);
  for (const word of ["shop_web.2", "shop/web.2", "shop_web.shop_web.2"])
    expect(match(word), word).toEqual(["shop_web 2"]);
  for (const word of ["my-app", "my-app.web"]) expect(match(word), word).toEqual(["my-app-web"]);
  expect(match("my-app.worker")).toEqual(["my-app-worker"]);
  expect(match("my-app.worker.1")).toEqual(["my-app-worker 1"]);
  expect(match("worker.1")).toEqual(["my-app-worker 1"]);
  expect(match("plain.node2")).toEqual(["plain node2"]);
  expect(match("nope")).toEqual([]);
});

test("matches one-offs by number, name and service", () => {
  for (const word of ["run.7364", "7364", "shop_web-run-7364", "shop_web.run.7364"])
    expect(match(word), word).toEqual(["shop_web-run-7364"]);
  expect(match("run.8123")).toEqual(["plain-run-8123"]);
  expect(match("run.7364", { app: "plain" })).toEqual([]);
  expect(match("shop_web", { onlyOneoffs: true })).toEqual([]);
  // A copy has the labels of the one-off, but not its name.
  expect(match("run.7364", {}, [swarmService("copy", { ...oneoff.Spec.Labels })])).toEqual([]);
});

test("rejects ambiguous names", () => {
  expect(() => match("web", {}, [web, blog])).toThrow(
    'Several apps have the name "web": swarm:blog_web, swarm:shop_web',
  );
  expect(match("shop_web", {}, [web, blog])).toEqual(["shop_web"]);
});

const nodes = [swarmNode("node1"), swarmNode("node2"), swarmNode("node3", "down")];

async function find(word: string, tasks: readonly Task[], choice: TaskChoice = {}) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /services", 200, services);
  engine.on("GET /tasks", 200, tasks);
  engine.on("GET /nodes", 200, nodes);
  const found = await findTask(transport, word, choice);
  return found && `${found.name} ${found.task.ID} ${found.node.Description.Hostname}`;
}

const tasks = [
  swarmTask(plain, "running", { slot: 3, node: "node3" }),
  swarmTask(plain, "running", { slot: 2, node: "node2" }),
  swarmTask(plain, "running", { node: "node1", created: 10 }),
  swarmTask(plain, "failed", { node: "node2" }),
];

test("finds the first running task, or the chosen one", async () => {
  expect(await find("plain", tasks)).toBe("plain.1 running-1-10 node1");
  expect(await find("plain.2", tasks)).toBe("plain.2 running-2-0 node2");
  expect(await find("plain", tasks, { node: "node2" })).toBe("plain.2 running-2-0 node2");
  expect(await find("plain", tasks, { task: "running-2" })).toBe("plain.2 running-2-0 node2");
});

test("explains why no task can be used", async () => {
  await expect(find("plain", tasks, { task: "x" })).rejects.toMatchObject({
    code: "unknown-task",
    message: expect.stringContaining("tasks: running-3-0 on node3, running-2-0 on node2, running-1-10 on node1"),
    next: "oneoff ps plain",
  });
  await expect(find("plain.3", tasks)).rejects.toMatchObject({
    code: "nothing-runs",
    message: 'No task of "plain.3" is running\n  unknown: node3 is down',
    next: "oneoff ps --all plain",
  });
  const error = "no suitable node (insufficient resources on 2 nodes)";
  await expect(find("plain", [swarmTask(plain, "pending", { error })])).rejects.toThrow(`pending: ${error}`);
});

test("finds a one-off that has exited only if asked for", async () => {
  const exited = [swarmTask(oneoff, "failed", { node: "node2", code: 3, error: "task: non-zero exit (3)" })];
  expect(await find("run.7364", exited, { exited: true })).toBe("run.7364 failed-1-0 node2");
  await expect(find("run.7364", exited)).rejects.toMatchObject({ code: "nothing-runs", next: "oneoff ps --all" });
});

test("names the engine of a node that is not known", async () => {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /containers/container-2-0/json", 404, { message: "No such container" });
  const [node = swarmNode("x")] = nodes.slice(1);
  const found = {
    service: plain,
    task: swarmTask(plain, "running", { slot: 2, node: "node2" }),
    node,
    name: "plain.2",
  };
  await expect(reachTask(transport, found, "exec", async () => undefined)).rejects.toMatchObject({
    code: "task-elsewhere",
    message: 'plain.2 is on node "node2", whose engine is not known',
    next: "oneoff exec --host ssh://10.0.0.2 plain.2.running-2-0 …, or: docker node update --label-add dev.oneoff.host=ssh://10.0.0.2 node2",
  });
});

test("ignores placeholders among the addresses of a node", () => {
  const node = swarmNode("node1");
  const at = (Addr: string, manager?: string) =>
    addressOf({ ...node, Status: { ...node.Status, Addr }, ...(manager && { ManagerStatus: { Addr: manager } }) });
  expect(at("10.0.0.2")).toBe("10.0.0.2");
  expect(at("0.0.0.0", "10.0.0.1:2377")).toBe("10.0.0.1");
  expect(at("127.0.0.1", "127.0.0.1:2377")).toBeUndefined();
});
