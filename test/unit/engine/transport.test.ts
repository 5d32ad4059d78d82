import { link } from "node:fs/promises";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { unreachable } from "../../../src/engine/endpoint/unreachable.ts";
import { messageOf } from "../../../src/engine/refusal.ts";
import { openTransport, type Transport, versionedPath } from "../../../src/engine/transport.ts";
import { fakeEngine } from "../../support/fake-engine.ts";
import { folder } from "../../support/folder.ts";

const transportTo = (socketPath: string) => openTransport(() => ({ socketPath, from: "--host" }));
const ping = (transport: Transport) => transport.send({ method: "GET", path: "/ping" });
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("was not refused"),
    (error) => error,
  );

test("sends version, query and JSON body of a request, and reads the answer", async () => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  engine.on("POST /containers/create", 201, { Id: "é" });
  const response = await transport.send({
    method: "POST",
    path: "/containers/create",
    query: { name: "a b/ü&", left: undefined, force: 1, v: false },
    body: { Image: "é\n" },
  });
  expect(response.status).toBe(201);
  expect(await response.json(() => undefined)).toEqual({ Id: "é" });
  expect(engine.requests).toMatchObject([
    {
      version: "1.44",
      line: "POST /containers/create?name=a%20b%2F%C3%BC%26&force=1&v=false",
      body: { Image: "é\n" },
    },
  ]);
});

test("sends no body for a request without one", async () => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  engine.on("POST /containers/c/start", 204);
  await (await transport.send({ method: "POST", path: "/containers/c/start" })).drop();
  expect(engine.requests[0]?.body).toBeUndefined();
});

test("adds the query to the query of the path", () => {
  expect(versionedPath("1.44", { path: "/a?k=%FF", query: { x: 1, y: undefined } })).toBe("/v1.44/a?k=%FF&x=1");
  expect(versionedPath("1.44", { path: "/a", query: { y: undefined } })).toBe("/v1.44/a");
  expect(versionedPath("1.44", { path: "/a" })).toBe("/v1.44/a");
});

test("sends the next request while another waits for its answer", async () => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  const held = engine.on("POST /containers/c/wait");
  engine.on("GET /ping", 200, "OK");
  const waiting = transport.send({ method: "POST", path: "/containers/c/wait" });
  const exchange = await held;
  expect(await (await ping(transport)).stream.text()).toBe("OK");
  exchange.reply(200, "at last");
  expect(await (await waiting).stream.text()).toBe("at last");
});

describe("negotiates the version with an older engine", () => {
  test("repeats a request with the older engine's version, and keeps that version", async () => {
    await using engine = await fakeEngine({ version: "1.41" });
    await using transport = transportTo(engine.socketPath);
    expect(transport.version).toBe("1.44");
    engine.on("POST /containers/create", 201, { Id: "c" });
    engine.on("GET /ping", 200);
    const create = { method: "POST", path: "/containers/create", body: { Image: "i" } } as const;
    expect(await (await transport.send(create)).json(() => undefined)).toEqual({ Id: "c" });
    await ping(transport);
    expect(transport.version).toBe("1.41");
    expect(engine.requests.map(({ version, path }) => `${version} ${path}`)).toEqual([
      "1.44 /containers/create",
      "1.41 /containers/create",
      "1.41 /ping",
    ]);
    expect(engine.requests.map(({ body }) => body)).toEqual([{ Image: "i" }, { Image: "i" }, undefined]);
  });

  test("answers all concurrent requests once after a version change", async () => {
    await using engine = await fakeEngine({ version: "1.43" });
    await using transport = transportTo(engine.socketPath);
    for (const n of [1, 2, 3]) engine.on("POST /containers/create", 201, { Id: `c${n}` });
    const create = { method: "POST", path: "/containers/create" } as const;
    const answers = await Promise.all([1, 2, 3].map(() => transport.send(create)));
    const ids = await Promise.all(answers.map((answer) => answer.json<{ Id: string }>(() => undefined)));
    expect(ids.map(({ Id }) => Id).sort()).toEqual(["c1", "c2", "c3"]);
    expect(engine.requests.filter(({ version }) => version === "1.43")).toHaveLength(3);
  });

  test("rejects an engine older than the oldest supported version", async () => {
    await using engine = await fakeEngine({ version: "1.40" });
    await using transport = transportTo(engine.socketPath);
    await expect(ping(transport)).rejects.toMatchObject({
      code: "engine-too-old",
      message: "The engine is too old: its API is 1.40, oneoff requires 1.41 (Engine 20.10) or newer",
    });
    expect(engine.requests).toHaveLength(1);
  });

  test("does not repeat a request after a 400 for another reason", async () => {
    await using engine = await fakeEngine({ version: "1.44" });
    await using transport = transportTo(engine.socketPath);
    engine.on("GET /ping", 400, { message: "invalid reference format" });
    await expect(ping(transport)).rejects.toMatchObject({ status: 400, message: "invalid reference format" });
  });
});

describe("reports a refusal", () => {
  test.each([
    [404, { message: "No such image: a\nb" }, "No such image: a\\nb"],
    [500, "plain text: it failed\n", "plain text: it failed"],
    [403, "<h1>Forbidden</h1>", "<h1>Forbidden</h1>"],
    [409, { message: "x".repeat(60_000) }, "x".repeat(60_000)],
    [503, undefined, "The engine answered 503 to GET /ping"],
    [502, { error: "of another kind" }, '{"error":"of another kind"}'],
  ])("reports the engine's whole message with status %i", async (status, body, message) => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    engine.on("GET /ping", status, body);
    expect(await refusal(ping(transport))).toMatchObject({ code: "engine-refused", kind: "failed", status, message });
  });
});

test.each([
  ['{"message":"a"}', "a"],
  ['{"message":5}', "5"],
  [" text \n", "text"],
  ['"quoted"', '"quoted"'],
  ["null", "null"],
  ["", ""],
])("extracts from %j the message %j", (body, message) => expect(messageOf(body)).toBe(message));

describe("reports an engine that cannot be reached", () => {
  test("reports a missing socket", async () => {
    await using empty = await folder();
    await using transport = transportTo(`${empty.path}/none.sock`);
    expect(await refusal(ping(transport))).toMatchObject({
      code: "engine-unreachable",
      kind: "failed",
      message: `Cannot reach the engine at ${empty.path}/none.sock: no such socket`,
      next: "start the engine, or set its address: oneoff --host unix:///path/to/docker.sock …, or set DOCKER_HOST",
    });
  });

  test("reports a stale socket", async () => {
    await using place = await folder();
    const path = `${place.path}/left.sock`;
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    // Closing would remove the file, so the test links it to another name.
    await using kept = await folder();
    await link(path, `${kept.path}/left.sock`);
    await new Promise((resolve) => server.close(resolve));
    await using transport = transportTo(`${kept.path}/left.sock`);
    expect(await refusal(ping(transport))).toMatchObject({
      message: `Cannot reach the engine at ${kept.path}/left.sock: connection refused`,
      next: "sudo systemctl start docker",
    });
  });

  test.each(["EACCES", "EPERM"])("reports missing permission to connect: %s", (code) =>
    expect(unreachable({ socketPath: "/no/such/s" }, Object.assign(new Error("connect"), { code }))).toMatchObject({
      message: "Cannot reach the engine at /no/such/s: permission denied",
      next: "run oneoff as root: sudo oneoff …",
    }),
  );

  test("reports other connection errors with their code", () =>
    expect(
      unreachable({ socketPath: "/no/such/s" }, Object.assign(new Error("read EIO"), { code: "EIO" })),
    ).toMatchObject({
      message: "Cannot reach the engine at /no/such/s: read EIO",
      next: undefined,
    }));

  test("reports an engine that closes the connection before an answer", async () => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    const held = engine.on("GET /ping");
    const answer = refusal(ping(transport));
    (await held).socket.destroy();
    expect(await answer).toMatchObject({ code: "engine-unreachable" });
  });

  test("reports an engine that closes the connection within a refusal", async () => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    const held = engine.on("GET /ping");
    const answer = refusal(ping(transport));
    (await held).socket.end("HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\n{");
    expect(await answer).toMatchObject({ code: "engine-unreachable" });
  });

  test("reports an engine that closes the connection within an answer", async () => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    const held = engine.on("GET /ping");
    const answer = ping(transport);
    (await held).socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
    expect(await refusal((await answer).json(() => undefined))).toMatchObject({ code: "engine-unreachable" });
  });
});

test("shows an answer that is not JSON, as the engine's fault", async () => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  engine.on("GET /ping", 200, "<h1>proxy</h1>");
  const error = await refusal((await ping(transport)).json(() => undefined));
  expect(error).toMatchObject({ name: "OneoffError", message: expect.stringContaining("<h1>proxy</h1>") });
});
