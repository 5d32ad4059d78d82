import { expect, test } from "vitest";
import {
  attachContainer,
  createContainer,
  inspectContainer,
  killContainer,
  listContainers,
  removeContainer,
  renameContainer,
  resizeContainer,
  startContainer,
  stopContainer,
} from "../../../src/engine/containers.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import type { ContainerCreateBody } from "../../../src/engine/types.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

const transportTo = (socketPath: string) => openTransport(() => ({ socketPath, from: "--host" }));

test("sends one request per call, with the parameters that the engine expects", async () => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  engine.on("POST /containers/create", 201, { Id: "c", Warnings: ["w"] });
  engine.on("POST /containers/c/start", 204);
  engine.on("POST /containers/c/resize", 200);
  engine.on("POST /containers/c/kill", 204);
  engine.on("POST /containers/c/stop", 204);
  engine.on("GET /containers/c/json", 200, { State: { Running: true }, More: 1 });
  engine.on("DELETE /containers/c", 204);
  engine.on("DELETE /containers/c", 204);
  engine.on("POST /containers/c/rename", 204);
  engine.on("GET /containers/json", 200, [{ Id: "c" }]);

  const body = { Image: "i", Cmd: ["a"] } as unknown as ContainerCreateBody;
  expect(await createContainer(transport, "app.run.1", body)).toEqual({ Id: "c", Warnings: ["w"] });
  await startContainer(transport, "c");
  await resizeContainer(transport, "c", { rows: 24, columns: 80 });
  await killContainer(transport, "c", "SIGUSR1");
  await stopContainer(transport, "c", 10);
  expect((await inspectContainer(transport, "c")).State).toEqual({ Running: true });
  await removeContainer(transport, "c");
  await removeContainer(transport, "c", "spare");
  await renameContainer(transport, "c", "app.run.1.left");
  expect(await listContainers(transport, { name: ["a&b"], status: ["created", "dead"] })).toMatchObject([{ Id: "c" }]);

  expect(engine.lines).toEqual([
    "POST /containers/create?name=app.run.1",
    "POST /containers/c/start",
    "POST /containers/c/resize?h=24&w=80",
    "POST /containers/c/kill?signal=SIGUSR1",
    "POST /containers/c/stop?t=10",
    "GET /containers/c/json",
    "DELETE /containers/c?force=1&v=1",
    "DELETE /containers/c?v=1",
    "POST /containers/c/rename?name=app.run.1.left",
    `GET /containers/json?all=1&filters=${encodeURIComponent('{"name":["a&b"],"status":["created","dead"]}')}`,
  ]);
  expect(engine.requests.map(({ body }) => body)).toEqual([body, ...Array(9).fill(undefined)]);
});

test("accepts a container that is already started", async () => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  engine.on("POST /containers/c/start", 304);
  await startContainer(transport, "c");
});

test.each([
  [{ stdin: false, tty: false }, "stream=1&stdout=1&stderr=1"],
  [{ stdin: true, tty: false }, "stream=1&stdout=1&stderr=1&stdin=1"],
  // Keys that cannot be typed: the engine must not detect its default detach keys.
  [{ stdin: true, tty: true }, "detachKeys=%FF%2C%FE&stream=1&stdout=1&stderr=1&stdin=1"],
])("attaches with %j by the query %s", async (options, query) => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  const held = engine.on("POST /containers/c/attach");
  const attaching = attachContainer(transport, "c", options);
  (await held).upgrade();
  using _connection = await attaching;
  expect(engine.lines).toEqual([`POST /containers/c/attach?${query}`]);
});

test("removes a created container if the answer with its id is lost", async () => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  const body = { Image: "i", Cmd: ["a"], Labels: { owner: "us", kind: "run" } };
  const created = engine.on("POST /containers/create");
  const found = engine.on("GET /containers/json", 200, [{ Id: "c" }]);
  const removed = engine.on("DELETE /containers/c", 204);
  const creating = createContainer(transport, "app.run.1", body);
  creating.catch(() => {});
  (await created).socket.destroy();
  await expect(creating).rejects.toMatchObject({ code: "engine-unreachable" });
  expect(JSON.parse((await found).query.filters ?? "")).toEqual({
    name: ["^app\\.run\\.1$"],
    label: ["owner=us", "kind=run"],
    status: ["created"],
  });
  expect((await removed).query).toEqual({ v: "1" });
});

test("looks for no container if the create was refused", async () => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  engine.on("POST /containers/create", 409, { message: "the name is in use" });
  const creating = createContainer(transport, "n", { Image: "i", Cmd: ["a"], Labels: { owner: "us" } });
  await expect(creating).rejects.toMatchObject({ status: 409 });
});
