import { once } from "node:events";
import type { Duplex } from "node:stream";
import { finished } from "node:stream/promises";
import { expect, test } from "vitest";
import { dial } from "../../../src/engine/endpoint/dial.ts";
import type { Endpoint } from "../../../src/engine/endpoint/endpoint.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { type FakeEngine, fakeEngine } from "../../support/fake-engine.ts";

/** A transport to the fake engine for any endpoint, which records its connections. */
function counted(engine: FakeEngine, endpoint: Endpoint) {
  const dials: number[] = [];
  const transport = openTransport(() => endpoint, {
    connect: (_address, options) => {
      dials.push(dials.length);
      return dial(engine, options);
    },
  });
  return { transport, dials };
}

const box = { sshHost: "box", from: "--host" } as const;

test("reuses one connection for short requests on a remote engine", async () => {
  await using engine = await fakeEngine();
  const { transport, dials } = counted(engine, box);
  await using _transport = transport;
  const paths = ["a", "b", "c", "d", "e"].map((name) => `/containers/${name}/json`);
  for (const path of paths) engine.on(`GET ${path}`, 200, { path });
  engine.on("POST /containers/create", 201, {});
  engine.on("POST /containers/c/start", 204);
  const answers = paths.map(async (path) => (await transport.send({ method: "GET", path })).json(() => undefined));
  expect(await Promise.all(answers)).toEqual(paths.map((path) => ({ path })));
  for (const path of ["/containers/create", "/containers/c/start"]) {
    await (await transport.send({ method: "POST", path, body: {} })).drop();
  }
  expect(dials).toHaveLength(1);
});

test("reuses a connection as soon as an answer is read", async () => {
  await using engine = await fakeEngine();
  const { transport, dials } = counted(engine, { socketPath: "/s", from: "--host" });
  await using _transport = transport;
  engine.on("GET /containers/a/json", 404, { message: "No such container" });
  engine.on("POST /containers/create", 201, { Id: "c" });
  engine.on("POST /containers/c/start", 204);
  await expect(transport.send({ method: "GET", path: "/containers/a/json" })).rejects.toThrow();
  await (await transport.send({ method: "POST", path: "/containers/create", body: {} })).json(() => undefined);
  await (await transport.send({ method: "POST", path: "/containers/c/start" })).drop();
  expect(dials).toHaveLength(1);
});

test("sends nothing after the end", async () => {
  await using engine = await fakeEngine();
  const { transport, dials } = counted(engine, { socketPath: "/s", from: "--host" });
  const held = engine.on("GET /containers/a/json");
  const waiting = transport.send({ method: "GET", path: "/containers/a/json" }).catch(() => {});
  await held;
  await transport[Symbol.asyncDispose]();
  await waiting;
  await expect(transport.send({ method: "GET", path: "/containers/b/json" })).rejects.toThrow();
  expect(dials).toHaveLength(1);
});

test("does not send a request whose connection is opened after the end", async () => {
  await using engine = await fakeEngine();
  const opened = Promise.withResolvers<void>();
  const connected = Promise.withResolvers<Duplex>();
  const transport = openTransport(() => ({ socketPath: "/s", from: "--host" }), {
    async connect(_address, options) {
      await opened.promise;
      const socket = await dial(engine, options);
      connected.resolve(socket);
      return socket;
    },
  });
  const failing = expect(transport.send({ method: "GET", path: "/containers/a/json" })).rejects.toThrow();
  const ending = transport[Symbol.asyncDispose]();
  opened.resolve();
  await ending;
  await failing;
  await finished(await connected.promise).catch(() => {});
  expect(engine.lines).toEqual([]);
});

test("does not wait for the end of connections that the kernel closes on exit", async () => {
  await using engine = await fakeEngine();
  const { transport } = counted(engine, { socketPath: "/s", from: "--host" });
  const held = engine.on("GET /containers/a/json");
  const waiting = transport.send({ method: "GET", path: "/containers/a/json" }).catch(() => {});
  const { socket } = await held;
  let turns = 0;
  setImmediate(() => turns++);
  await transport[Symbol.asyncDispose]();
  expect(turns).toBe(0);
  if (!socket.closed) await once(socket, "close");
  await waiting;
});

test("closes a connection of a remote engine before the end", async () => {
  await using engine = await fakeEngine();
  const sockets: Duplex[] = [];
  const transport = openTransport(() => box, {
    async connect(_address, options) {
      const socket = await dial(engine, options);
      sockets.push(socket);
      return socket;
    },
  });
  engine.on("GET /containers/a/json", 200, {});
  await (await transport.send({ method: "GET", path: "/containers/a/json" })).drop();
  await transport[Symbol.asyncDispose]();
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true]);
});

test("does not reuse a connection whose answer is not read", async () => {
  await using engine = await fakeEngine();
  const { transport, dials } = counted(engine, { socketPath: "/s", from: "--host" });
  await using _transport = transport;
  engine.on("GET /containers/a/json", 200, {});
  engine.on("GET /containers/b/json", 200, {});
  const { stream } = await transport.send({ method: "GET", path: "/containers/a/json" });
  stream.on("error", () => {}).destroy();
  await (await transport.send({ method: "GET", path: "/containers/b/json" })).drop();
  expect(dials).toHaveLength(2);
});

test("reads again what a closed connection did not answer, and reuses no connection afterwards", async () => {
  await using engine = await fakeEngine();
  const { transport, dials } = counted(engine, { socketPath: "/s", from: "--host" });
  await using _transport = transport;
  const lost = ["a", "b"].map((name) => engine.on(`GET /containers/${name}/json`));
  const first = transport.send({ method: "GET", path: "/containers/a/json" });
  (await lost[0])?.reply(200, {});
  await (await first).drop();
  const second = transport.send({ method: "GET", path: "/containers/b/json" });
  (await lost[1])?.socket.destroy();
  engine.on("GET /containers/b/json", 200, { found: true });
  engine.on("POST /containers/create", 201, { Id: "c" });
  expect(await (await second).json(() => undefined)).toEqual({ found: true });
  await (await transport.send({ method: "POST", path: "/containers/create", body: {} })).json(() => undefined);
  expect(dials).toHaveLength(3);
});

test("sends a request that changes the engine once, also if its connection is closed", async () => {
  await using engine = await fakeEngine();
  const { transport, dials } = counted(engine, { socketPath: "/s", from: "--host" });
  await using _transport = transport;
  engine.on("GET /containers/a/json", 200, {});
  await (await transport.send({ method: "GET", path: "/containers/a/json" })).drop();
  const lost = engine.on("POST /containers/create");
  const failing = expect(transport.send({ method: "POST", path: "/containers/create", body: {} })).rejects.toThrow();
  (await lost).socket.destroy();
  await failing;
  expect(dials).toHaveLength(1);
});

test("reads only once from an engine that closes each connection without an answer", async () => {
  await using engine = await fakeEngine();
  const { transport, dials } = counted(engine, { socketPath: "/s", from: "--host" });
  await using _transport = transport;
  const lost = engine.on("GET /containers/a/json");
  const failing = expect(transport.send({ method: "GET", path: "/containers/a/json" })).rejects.toThrow();
  (await lost).socket.destroy();
  await failing;
  expect(dials).toHaveLength(1);
});

test.each<[string, Endpoint]>([
  ["remote", box],
  ["local", { socketPath: "/s", from: "--host" }],
])("does not delay requests behind long ones on a %s engine", async (_what, endpoint) => {
  await using engine = await fakeEngine();
  const { transport } = counted(engine, endpoint);
  await using _transport = transport;
  const routes = ["POST /containers/c/wait", "GET /events", "POST /containers/c/stop"];
  const held = routes.map((route) => engine.on(route));
  const waiting = routes.map((route) => {
    const [method, path] = route.split(" ") as ["GET" | "POST", string];
    return transport.send({ method, path }).then((answer) => answer.drop());
  });
  await Promise.all(held);
  for (const route of ["POST /containers/c/start", "POST /containers/c/kill", "GET /containers/c/json"]) {
    engine.on(route, 200, {});
    const [method, path] = route.split(" ") as ["GET" | "POST", string];
    await (await transport.send({ method, path })).drop();
  }
  for (const exchange of held) (await exchange).reply(200, {});
  await Promise.all(waiting);
});
