import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { fakeTerminal } from "../../../../support/fake-terminal.ts";
import { swarmNode } from "../../../../support/swarm-tasks.ts";
import {
  CREATE,
  LOGS,
  logEntry,
  NODE,
  REMOVE,
  SERVICE,
  TASK,
  taskScene,
  UPDATE,
} from "../../../../support/task-scene.ts";

const SERVICES = "GET /services";
const created = { ID: "s1" };

test("creates a service, writes the output, and returns the exit code when it has removed the service", async () => {
  const credentials = async () => ({ username: "ci", password: "secret" });
  await using s = await taskScene({ credentials });
  const request = s.engine.on(CREATE, 201, created);
  s.become("failed", { code: 7, error: "task: non-zero exit (7)" });
  const logs = s.engine.on(LOGS);
  s.engine.on(REMOVE, 200);
  const done = s.run();
  (await logs)
    .acknowledge()
    .end(Buffer.concat([logEntry(1, 1, "out\n"), logEntry(2, 2, "err"), logEntry(1, 3, "end")]));
  expect(await done).toBe(7);
  expect(s.terminal.out).toBe("out\nend");
  expect(s.terminal.err).toBe("err");
  const { body, headers } = await request;
  expect(body).toMatchObject({
    Name: "shop_web-run-1000",
    Labels: {
      "dev.oneoff.container": "shop_web-run-1000",
      "dev.oneoff.name": "run.1000",
      "dev.oneoff.owner": "here:1",
    },
    TaskTemplate: { ContainerSpec: { Args: ["migrate"], Env: ["A=1", "DYNO=run.1000"] } },
    Mode: { Replicated: { Replicas: 1 } },
  });
  expect(JSON.parse(Buffer.from(headers["x-registry-auth"] as string, "base64").toString())).toMatchObject({
    username: "ci",
  });
  expect(s.journal.entries.map(({ event, containerId }) => [event, containerId])).toEqual([
    ["starting", "s1"],
    ["up", "s1"],
    ["exited", "s1"],
  ]);
  expect(s.engine.lines.at(-1)).toBe("DELETE /services/s1");
});

test("takes another name if one is in use", async () => {
  await using s = await taskScene();
  const message =
    "rpc error: code = AlreadyExists desc = name conflicts with an existing object: service already exists";
  s.engine.on(CREATE, 409, { message });
  const second = s.engine.on(CREATE, 201, created);
  s.become("complete");
  s.engine.on(LOGS).then(({ acknowledge }) => acknowledge().end());
  s.engine.on(REMOVE, 200);
  expect(await s.run()).toBe(0);
  expect((await second).body).toMatchObject({ Name: "shop_web-run-5500" });
});

test("reports a name of the user that is in use", async () => {
  await using s = await taskScene({ options: { name: "mine" } });
  s.engine.on(CREATE, 409, {
    message: "rpc error: code = AlreadyExists desc = name conflicts with an existing object",
  });
  expect(await s.run()).toMatchObject({ code: "name-taken", message: 'Service "mine" already exists' });
});

test("does not create a second service if the connection is lost with the answer", async () => {
  await using s = await taskScene();
  const request = s.engine.on(CREATE);
  const list = s.engine.on(SERVICES);
  s.become("complete");
  s.engine.on(LOGS).then(({ acknowledge }) => acknowledge().end());
  s.engine.on(REMOVE, 200);
  const done = s.run();
  const { body, socket } = await request;
  socket.destroy();
  const times = { Version: { Index: 1 }, CreatedAt: "2026-11-30T06:17:00Z", UpdatedAt: "2026-11-30T06:17:00Z" };
  const other = { ...times, ID: "s0", Spec: { ...body, Name: `${body.Name}-2` } };
  (await list).reply(200, [other, { ...times, ID: "s1", Spec: body }]);
  expect(await done).toBe(0);
  expect(s.engine.lines.filter((line) => line.startsWith(CREATE))).toHaveLength(1);
});

test("creates the service again if the lost request has not arrived", async () => {
  await using s = await taskScene();
  const lost = s.engine.on(CREATE);
  s.engine.on(SERVICES, 200, []);
  s.engine.on(CREATE, 201, created);
  s.become("complete");
  s.engine.on(LOGS).then(({ acknowledge }) => acknowledge().end());
  s.engine.on(REMOVE, 200);
  const done = s.run();
  (await lost).socket.destroy();
  expect(await done).toBe(0);
  expect(s.events).toContainEqual({ type: "warning", message: expect.stringContaining("does not answer") });
});

test.each([
  [
    "the image is missing",
    { state: "rejected", error: "No such image: shop:1" },
    {
      code: "missing-image",
      message: 'Image "shop:1" not found on node "node2", and the node cannot pull it',
      next: "docker login, or on the node: docker pull shop:1, or docker load",
    },
  ],
  [
    "a mount is invalid",
    { state: "rejected", error: 'invalid mount config for type "bind": bind source path does not exist: /x' },
    { code: "task-rejected", message: expect.stringContaining("bind source path does not exist: /x") },
  ],
  [
    "the command is not found",
    {
      state: "failed",
      code: 127,
      error: 'starting container failed: exec: "migrate": executable file not found in $PATH',
    },
    { code: "not-found", exit: 127 },
  ],
  [
    "the command is not executable",
    { state: "failed", code: 126, error: 'starting container failed: exec: "migrate": permission denied' },
    { code: "not-executable", exit: 126 },
  ],
] as const)("reports before any output that %s", async (_, { state, ...traits }, error) => {
  await using s = await taskScene({ options: { init: false } });
  s.engine.on(CREATE, 201, created);
  s.engine.on(REMOVE, 200);
  s.become(state, traits);
  expect(await s.run()).toMatchObject(error);
  expect(s.journal.entries.at(-1)).toMatchObject({ event: "exited" });
});

test("does not take a container that its engine has lost for a success", async () => {
  await using s = await taskScene();
  s.engine.on(CREATE, 201, created);
  s.become("failed", { error: "No such container: shop_web-run-1000.1.t1" });
  s.engine.on(LOGS).then(({ acknowledge }) => acknowledge().end());
  s.engine.on(REMOVE, 200);
  expect(await s.run()).toMatchObject({ code: "exit-unknown", message: expect.stringContaining("No such container") });
});

test("leaves the service of a lost node alone", async () => {
  await using s = await taskScene();
  s.engine.on(CREATE, 201, created);
  s.become("running");
  s.engine.on(LOGS).then(({ acknowledge }) => acknowledge().write(logEntry(1, 1, "out\n")));
  const done = s.run();
  await expect.poll(() => s.terminal.out).toBe("out\n");
  s.engine.always(NODE, 200, swarmNode("node2", "down", "heartbeat failure"));
  expect(await done).toMatchObject({
    code: "node-lost",
    message: expect.stringContaining("the command may still run there"),
  });
  expect(s.engine.lines).not.toContain("DELETE /services/s1");
});

test.each([
  ["drain", 143, 'run.1000 was stopped: node "node2" is drained', 143],
  // A command that ends properly when it is stopped has not done its work.
  ["drain", 0, 'run.1000 was stopped: node "node2" is drained', 143],
  ["active", 143, "run.1000 was stopped: another client stopped or changed its service", 143],
] as const)("reports a task that Swarm has stopped (node: %s, code %i)", async (Availability, code, message, exit) => {
  await using s = await taskScene();
  s.engine.on(CREATE, 201, created);
  s.become("running");
  const node = swarmNode("node2");
  s.engine.always(NODE, 200, { ...node, Spec: { ...node.Spec, Availability } });
  s.engine.on(LOGS).then(({ acknowledge }) => acknowledge().flushHeaders());
  const done = s.run();
  await expect.poll(() => s.engine.lines.some((line) => line.startsWith(LOGS))).toBe(true);
  s.engine.on(LOGS).then(({ acknowledge }) => acknowledge().end(logEntry(1, 1, "last words")));
  s.engine.on(REMOVE, 200);
  s.become("shutdown", { code, desired: "shutdown" });
  expect(await done).toMatchObject({ code: "task-stopped", message, exit });
  expect(s.terminal.out).toBe("last words");
});

test("reports a service that another client has removed", async () => {
  await using s = await taskScene();
  s.engine.on(CREATE, 201, created);
  s.become("running");
  s.engine.on(LOGS).then(({ acknowledge }) => acknowledge().flushHeaders());
  const done = s.run();
  await expect.poll(() => s.engine.lines.some((line) => line.startsWith(LOGS))).toBe(true);
  s.engine.always(TASK, 404, { message: "task t1 not found" });
  s.engine.on(REMOVE, 404, { message: "service s1 not found" });
  expect(await done).toMatchObject({ code: "task-removed" });
});

test("gives up if Swarm finds no node in time", async () => {
  await using s = await taskScene({ startTimeoutS: 1.2 });
  s.engine.on(CREATE, 201, created);
  s.engine.on(REMOVE, 200);
  const reason = "no suitable node (scheduling constraints not satisfied on 2 nodes)";
  s.become("pending", { error: reason });
  expect(await s.run()).toMatchObject({
    code: "not-scheduled",
    message: `Swarm found no node for run.1000 within 1.2 s: ${reason}`,
  });
  expect(s.events).toEqual([{ type: "warning", message: `run.1000 waits for a node: ${reason}` }]);
});

test("reports a node that prepares the task for long", async () => {
  await using s = await taskScene({ startTimeoutS: 1 });
  s.engine.on(CREATE, 201, created);
  s.become("preparing");
  const done = s.run();
  const expected = { type: "pull", image: "shop:1", status: "Preparing on node node2" };
  await expect.poll(() => s.events, { timeout: 10_000 }).toEqual([expected]);
  s.engine.on(LOGS).then(({ acknowledge }) => acknowledge().end());
  s.engine.on(REMOVE, 200);
  s.become("complete");
  expect(await done).toBe(0);
});

test("stops a task elsewhere on ^C without losing its exit code and its last output", async () => {
  await using s = await taskScene();
  s.engine.on(CREATE, 201, created);
  s.become("running");
  s.engine.on(LOGS).then(({ acknowledge }) => acknowledge().flushHeaders());
  const done = s.run();
  await expect.poll(() => s.engine.lines.some((line) => line.startsWith(LOGS))).toBe(true);
  const spec = { Name: "shop_web-run-1000", TaskTemplate: { Placement: { Constraints: ["node.role==worker"] } } };
  const times = { CreatedAt: "2026-11-30T06:17:00Z", UpdatedAt: "2026-11-30T06:17:00Z" };
  // Another client has changed it meanwhile.
  s.engine.on(SERVICE, 200, { ...times, ID: "s1", Version: { Index: 4 }, Spec: spec });
  s.engine.on(UPDATE, 500, { message: "rpc error: code = Unknown desc = update out of sequence" });
  s.engine.on(SERVICE, 200, { ...times, ID: "s1", Version: { Index: 5 }, Spec: spec });
  const update = s.engine.on(UPDATE, 200, {});
  s.terminal.signal("SIGINT");
  const { query, body } = await update;
  expect(query).toEqual({ version: "5" });
  expect(body.TaskTemplate.Placement.Constraints).toEqual(["node.role==worker", "node.id==stopped-by-oneoff"]);
  s.engine.on(LOGS).then(({ acknowledge }) => acknowledge().end(logEntry(1, 1, "last words")));
  s.engine.on(REMOVE, 200);
  s.become("shutdown", { code: 9, desired: "shutdown" });
  expect(await done).toBe(9);
  expect(s.terminal.out).toBe("last words");
  expect(s.events).toEqual([{ type: "stopping", name: "run.1000", reason: "interrupt", stopTimeout: 10 }]);
});

test.each([undefined, "preparing"] as const)(
  "removes a task without a node on ^C, also if it then gets one: %s",
  async (then) => {
    await using s = await taskScene();
    s.engine.on(CREATE, 201, created);
    s.become("pending");
    const done = s.run();
    await expect.poll(() => s.engine.lines.some((line) => line.startsWith("GET /tasks/t1"))).toBe(true);
    const removal = s.engine.on(REMOVE, 200);
    s.engine.on(REMOVE, 404, { message: "service s1 not found" });
    s.terminal.signal("SIGTERM");
    await removal;
    if (then) {
      s.become(then);
      const requests = s.engine.requests.length;
      await expect.poll(() => s.engine.requests.length).toBeGreaterThan(requests + 1);
    }
    s.engine.always(TASK, 404, { message: "task t1 not found" });
    expect(await done).toMatchObject({ code: "signalled", exit: 143 });
  },
);

test("ends after the third ^C, also when the task is gone first", async () => {
  await using s = await taskScene();
  s.engine.on(CREATE, 201, created);
  s.become("running");
  s.engine.always(SERVICE, 404, { message: "service s1 not found" });
  const logs = s.engine.whenever(LOGS);
  const done = s.run();
  (await logs).acknowledge().flushHeaders();
  const removal = s.engine.on(REMOVE);
  s.engine.on(REMOVE, 404, { message: "service s1 not found" });
  for (const _ of [1, 2, 3]) s.terminal.signal("SIGINT");
  const { reply } = await removal;
  s.engine.always(TASK, 404, { message: "task t1 not found" });
  const requests = s.engine.requests.length;
  await expect.poll(() => s.engine.requests.length).toBeGreaterThan(requests + 1);
  reply(200);
  expect(await done).toBe(130);
  expect(s.events.map(({ type }) => type).toSorted()).toEqual(["removing", "stopping"]);
});

test("names a signal that cannot be sent", async () => {
  await using s = await taskScene();
  s.engine.on(CREATE, 201, created);
  s.become("running");
  s.engine.on(LOGS).then(({ acknowledge }) => acknowledge().flushHeaders());
  const done = s.run();
  await expect.poll(() => s.engine.lines.some((line) => line.startsWith(LOGS))).toBe(true);
  s.terminal.signal("SIGUSR1");
  await expect
    .poll(() => s.events)
    .toContainEqual({
      type: "warning",
      message: 'SIGUSR1 was not sent to run.1000: only an engine can send signals, and it runs on node "node2"',
    });
  s.engine.on(LOGS).then(({ acknowledge }) => acknowledge().end());
  s.engine.on(REMOVE, 200);
  s.become("complete");
  expect(await done).toBe(0);
});

test("sends signals to a task of this engine", async () => {
  await using s = await taskScene();
  s.engine.always("GET /info", 200, { Swarm: { NodeID: "id-of-node2" } });
  s.engine.on(CREATE, 201, created);
  s.become("running");
  s.engine.on(LOGS).then(({ acknowledge }) => acknowledge().flushHeaders());
  const done = s.run();
  await expect.poll(() => s.engine.lines.some((line) => line.startsWith(LOGS))).toBe(true);
  const kill = s.engine.on("POST /containers/container-1-0/kill", 204);
  s.terminal.signal("SIGINT");
  expect((await kill).query).toEqual({ signal: "SIGINT" });
  s.engine.on(LOGS).then(({ acknowledge }) => acknowledge().end());
  s.engine.on(REMOVE, 200);
  s.become("failed", { code: 130, error: "task: non-zero exit (130)" });
  expect(await done).toBe(130);
});

test("leaves a detached task when its command runs", async () => {
  await using s = await taskScene({ options: { detach: true } });
  const request = s.engine.on(CREATE, 201, created);
  s.become("running");
  expect(await s.runDetached()).toBe("s1");
  expect((await request).body.Labels).toMatchObject({ "dev.oneoff.retain": "86400", "dev.oneoff.timeout": "86400" });
  expect(s.events).toEqual([{ type: "detached", name: "run.1000" }]);
  expect(s.journal.entries.map(({ event }) => event)).toEqual(["starting", "up"]);
});

test("keeps a detached task that it has followed to its end", async () => {
  await using s = await taskScene({ options: { detach: true } });
  s.engine.on(CREATE, 201, created);
  s.become("failed", { code: 5, error: "task: non-zero exit (5)" });
  s.engine.on(LOGS).then(({ acknowledge }) => acknowledge().end(logEntry(1, 1, "out\n")));
  expect(await s.run()).toBe(5);
  expect(s.terminal.out).toBe("out\n");
  expect(s.events).toEqual([{ type: "detached", name: "run.1000" }]);
});

test("removes a detached task that cannot be started", async () => {
  await using s = await taskScene({ options: { detach: true } });
  s.engine.on(CREATE, 201, created);
  s.engine.on(REMOVE, 200);
  s.become("rejected", { error: "No such image: shop:1" });
  expect(await s.runDetached()).toMatchObject({ code: "missing-image" });
});

test("refuses data on stdin before anything is created", async () => {
  await using s = await taskScene({ terminal: fakeTerminal({ input: "pipe" }) });
  const done = s.run();
  await expect.poll(() => s.terminal.pipe.isRead).toBe(true);
  s.terminal.pipe.bring(Buffer.from("data"));
  expect(await done).toMatchObject({ code: "no-stdio-on-swarm", next: "remove --anywhere" });
  expect(s.engine.lines).toEqual([]);
});

test("accepts a pipe that nothing writes to, and reports later data once", async () => {
  await using s = await taskScene({ terminal: fakeTerminal({ input: "pipe" }) });
  s.engine.on(CREATE, 201, created);
  s.become("running");
  s.engine.on(LOGS).then(({ acknowledge }) => acknowledge().flushHeaders());
  const done = s.run();
  await expect.poll(() => s.engine.lines.some((line) => line.startsWith(LOGS))).toBe(true);
  s.terminal.pipe.bring(Buffer.from("data"));
  s.engine.on(LOGS).then(({ acknowledge }) => acknowledge().end());
  s.engine.on(REMOVE, 200);
  s.become("complete");
  expect(await done).toBe(0);
  expect(s.events).toEqual([{ type: "warning", message: "stdin has data, which a service task does not receive" }]);
});
