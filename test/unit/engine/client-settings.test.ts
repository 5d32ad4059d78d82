import { describe, expect, test } from "vitest";
import { type ClientSettings, dockerSettings } from "../../../src/engine/client-settings.ts";
import { hijack } from "../../../src/engine/hijack.ts";
import { openTransport, type Transport } from "../../../src/engine/transport.ts";
import { type FakeEngine, fakeEngine } from "../../support/fake-engine.ts";

/** @param config content of docker's config.json; undefined for no file. */
const settings = (env: Record<string, string>, config?: string): ClientSettings =>
  dockerSettings({
    env: { HOME: "/home/me", ...env },
    exists: () => false,
    readFile: (path) => {
      if (config === undefined || path !== "/home/me/.docker/config.json") {
        throw Object.assign(new Error("none"), { code: "ENOENT" });
      }
      return Buffer.from(config);
    },
  });

const transportTo = ({ socketPath }: FakeEngine, readSettings: () => ClientSettings) =>
  openTransport(() => ({ socketPath, from: "--host" }), { readSettings });

const ping = (transport: Transport) => transport.send({ method: "GET", path: "/ping" });

describe("reads DOCKER_API_VERSION", () => {
  test.each([
    [undefined, "1.44"],
    ["", "1.44"],
    ["1.41", "1.41"],
    ["v1.43", "1.43"],
    ["1.44", "1.44"],
    ["1.51", "1.44"],
    ["2.0", "1.44"],
  ])("selects for DOCKER_API_VERSION %j the version %s", (given, version) =>
    expect(settings(given === undefined ? {} : { DOCKER_API_VERSION: given }).version).toBe(version),
  );

  test.each([
    ["1.40", "1.41 (Engine 20.10) or newer"],
    ["1.9", "1.41 (Engine 20.10) or newer"],
    ["latest", "a version of the API, e.g. 1.44"],
    ["1", "a version of the API, e.g. 1.44"],
    [" 1.44", "a version of the API, e.g. 1.44"],
    ["1.44/../x", "a version of the API, e.g. 1.44"],
  ])("rejects DOCKER_API_VERSION %j before any request", async (given, expected) => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine, () => settings({ DOCKER_API_VERSION: given }));
    await expect(ping(transport)).rejects.toMatchObject({
      code: "bad-api-version",
      kind: "usage",
      message: `Invalid DOCKER_API_VERSION ${JSON.stringify(given)}: expected ${expected}`,
      next: "unset DOCKER_API_VERSION",
    });
    expect(engine.requests).toEqual([]);
  });

  test("uses DOCKER_API_VERSION, or the version of an older engine", async () => {
    await using engine = await fakeEngine({ version: "1.42" });
    await using transport = transportTo(engine, () => settings({ DOCKER_API_VERSION: "1.43" }));
    engine.on("GET /ping", 200);
    await ping(transport);
    expect(engine.requests.map(({ version }) => version)).toEqual(["1.43", "1.42"]);
  });

  test("distinguishes an engine that rejects an old version from an engine that is too new", async () => {
    await using engine = await fakeEngine();
    const message = "client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade your client";
    engine.on("GET /ping", 400, { message });
    await using transport = transportTo(engine, () => settings({ DOCKER_API_VERSION: "1.41" }));
    await expect(ping(transport)).rejects.toMatchObject({
      code: "engine-too-new",
      next: "unset DOCKER_API_VERSION",
    });
  });
});

describe("reads HttpHeaders", () => {
  test("sends HttpHeaders with each request, unless the request sets them", async () => {
    await using engine = await fakeEngine();
    const config = JSON.stringify({ HttpHeaders: { "X-Meta": "a b", "Content-Type": "text/html", "X-Own": "theirs" } });
    await using transport = transportTo(engine, () => settings({}, config));
    engine.on("POST /containers/create", 201, {});
    void engine.on("POST /containers/c/attach").then((exchange) => exchange.upgrade());
    const create = { method: "POST", path: "/containers/create", headers: { "x-own": "ours" }, body: {} } as const;
    await (await transport.send(create)).drop();
    using _attached = await hijack(transport, { path: "/containers/c/attach" });
    expect(engine.requests.map(({ headers }) => [headers["x-meta"], headers["x-own"]])).toEqual([
      ["a b", "ours"],
      ["a b", "theirs"],
    ]);
    expect(engine.requests[0]?.headers["content-type"]).toBe("application/json");
  });

  test.each([
    ["User-Agent", '{"HttpHeaders": {"User-Agent": "x", "X-A": "1"}}'],
    ["headers of the connection", '{"HttpHeaders": {"Host": "x", "connection": "close", "X-A": "1"}}'],
    ["values that are not strings", '{"HttpHeaders": {"X-B": 1, "X-C": null, "X-D": ["a"], "X-A": "1"}}'],
    [
      "headers with line breaks or spaces",
      '{"HttpHeaders": {"X-B": "a\\r\\nX-C: b", "X-C\\n": "b", "X D": "c", "X-A": "1"}}',
    ],
  ])("ignores in HttpHeaders: %s", (_what, config) => expect(settings({}, config).headers).toEqual({ "x-a": "1" }));

  test.each([undefined, "{}", "{", "[]", '{"HttpHeaders": "x"}', '{"HttpHeaders": null}'])(
    "sends no headers for HttpHeaders %j",
    (config) => expect(settings({}, config).headers).toEqual({}),
  );
});
