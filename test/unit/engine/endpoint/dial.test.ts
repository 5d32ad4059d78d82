import { Buffer } from "node:buffer";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer as createSocketServer } from "node:net";
import type { TlsOptions } from "node:tls";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { dial } from "../../../../src/engine/endpoint/dial.ts";
import type { Address, TlsSettings } from "../../../../src/engine/endpoint/endpoint.ts";
import { hijack } from "../../../../src/engine/hijack.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { type Authority, authority, type Certificate } from "../../../support/certificates.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { folder } from "../../../support/folder.ts";
import { readHalf } from "../../../support/read-half.ts";
import { type Relay, relayTo } from "../../../support/relay.ts";

let ca: Authority;
let other: Authority;
let server: Certificate;
let client: Certificate;
beforeAll(async () => {
  [ca, other] = await Promise.all([authority(), authority()]);
  server = await ca.issue("server", "DNS:localhost,IP:127.0.0.1,IP:::1");
  client = await ca.issue("client", "DNS:client");
});
afterAll(async () => {
  await ca[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

const served = ({ ca, cert, key }: Certificate, more: TlsOptions = {}): TlsOptions => ({
  ca: readFileSync(ca),
  cert: readFileSync(cert),
  key: readFileSync(key),
  ...more,
});
const settings = ({ ca, cert, key }: Certificate, more: Partial<TlsSettings> = {}): TlsSettings => ({
  ...{ ca, cert, key, verify: true },
  ...more,
});
const mutual = () => served(server, { requestCert: true, rejectUnauthorized: true });

const transportTo = (address: Address) => openTransport(() => ({ ...address, from: "--host" }));
const at = (port: number, tls?: TlsSettings, host = "127.0.0.1") => ({ host, port, basePath: "", tls });
const ping = (address: Address) => {
  const transport = transportTo(address);
  return transport
    .send({ method: "GET", path: "/version" })
    .then((answer) => answer.json(() => undefined))
    .finally(() => transport[Symbol.asyncDispose]());
};

describe.each([
  ["TCP", undefined, undefined, "127.0.0.1"],
  ["TCP over IPv6", undefined, undefined, "::1"],
  ["TLS", () => served(server), () => settings(server, { cert: undefined, key: undefined }), "localhost"],
  ["TLS to an IP address", mutual, () => settings(client), "127.0.0.1"],
  ["mutual TLS over IPv6", mutual, () => settings(client), "::1"],
])("connects by %s", (_what, tls, ours, host) => {
  const open = async () => {
    const engine = await fakeEngine();
    const relay = await relayTo(engine.socketPath, { host, ...(tls && { tls: tls() }) });
    return { engine, relay, transport: transportTo(at(relay.port, ours?.(), host)) };
  };

  test("sends a request and reads the answer", async () => {
    const { engine, relay, transport } = await open();
    await using _relay = relay;
    await using _transport = transport;
    engine.on("GET /version", 200, { ok: 1 });
    expect(await (await transport.send({ method: "GET", path: "/version" })).json(() => undefined)).toEqual({ ok: 1 });
  });

  test("hands over a connection with half-close, and reads later output in the same memory", async () => {
    const { engine, relay, transport } = await open();
    await using _relay = relay;
    await using _transport = transport;
    const held = engine.on("POST /containers/c/attach");
    const connecting = hijack(transport, { path: "/containers/c/attach" });
    const { upgrade, socket } = await held;
    upgrade();
    using connection = await connecting;
    const input = Buffer.alloc(1_000_000, "input ");
    connection.socket.end(input);
    expect((await readHalf(socket)).equals(input)).toBe(true);
    const output = Buffer.alloc(3_000_000, "output ");
    const got = Buffer.alloc(output.length);
    let length = 0;
    const memories = new Set<ArrayBufferLike>();
    const all = connection.read((chunk) => {
      chunk.copy(got, length);
      length += chunk.length;
      memories.add(chunk.buffer);
      return true;
    });
    socket.end(output);
    await all;
    expect(got.equals(output)).toBe(true);
    expect(memories.size).toBe(1);
  });
});

test.each([
  ["TCP", undefined],
  ["TLS", () => settings(client)],
])("aborts a connection by %s on a signal", async (_what, ours) => {
  await using engine = await fakeEngine();
  await using relay = await relayTo(engine.socketPath, ours && { tls: mutual() });
  const over = new AbortController();
  const socket = await dial(at(relay.port, ours?.()), { signal: over.signal });
  const closed = new Promise((resolve) => socket.once("close", resolve));
  over.abort();
  await closed;
});

test("sends requests below the engine's base path, with its Host header", async () => {
  const heads: string[] = [];
  using listener = await listen((socket) => {
    socket.on("data", (head) => {
      heads.push(String(head));
      const upgrade = "HTTP/1.1 101 UPGRADED\r\n\r\n";
      socket.write(heads.length > 1 ? upgrade : "HTTP/1.1 200 OK\r\nApi-Version: 1.44\r\nContent-Length: 2\r\n\r\n{}");
    });
  });
  const address = { ...at(listener.port, undefined, "localhost"), basePath: "/engines/a" };
  expect(await ping(address)).toEqual({});
  await using transport = transportTo(address);
  using _connection = await hijack(transport, { path: "/containers/c/attach" });
  expect(heads).toEqual([
    expect.stringContaining(`GET /engines/a/v1.44/version HTTP/1.1\r\nhost: localhost:${listener.port}\r\n`),
    expect.stringContaining(
      `POST /engines/a/v1.44/containers/c/attach HTTP/1.1\r\nHost: localhost:${listener.port}\r\n`,
    ),
  ]);
});

/** Listens with these TLS settings, and sends a request. */
const meet = async (tls: TlsOptions | undefined, ours: TlsSettings | undefined, host?: string) => {
  await using engine = await fakeEngine();
  engine.always("GET /version", 200, {});
  await using relay = await relayTo(engine.socketPath, tls && { tls });
  const asked = await ping(at(relay.port, ours, host)).catch((error) => error);
  return asked instanceof Error
    ? { why: asked.message.replace(/^.*?:\d+: /, ""), next: (asked as { next?: string }).next }
    : asked;
};

describe("reports a TLS failure with a fix", () => {
  test("reports a certificate of an unknown issuer", async () =>
    expect(await meet(served(await other.issue("foreign", "IP:127.0.0.1")), settings(client))).toEqual({
      why: "its certificate is signed by an unknown authority",
      next: `check that ${client.ca} belongs to this engine`,
    }));

  test("reports a certificate of an unknown issuer without a CA file", async () =>
    expect(await meet(served(server), { verify: true })).toEqual({
      why: "its certificate is signed by an unknown authority",
      next: "put its ca.pem into DOCKER_CERT_PATH",
    }));

  test("accepts a certificate of an unknown issuer if verification is off", async () =>
    expect(await meet(served(server), { verify: false })).toEqual({}));

  test("reports an expired certificate", async () =>
    expect(await meet(served(await ca.issue("expired", "IP:127.0.0.1", -1)), settings(client))).toEqual({
      why: "its certificate has expired",
      next: "issue a new certificate for the engine",
    }));

  test("reports a certificate for another host", async () =>
    expect(await meet(served(await ca.issue("elsewhere", "DNS:other.example")), settings(client))).toEqual({
      why: 'its certificate is valid for DNS:other.example, not for "127.0.0.1"',
      next: "use a name of the certificate, or issue another certificate",
    }));

  test("reports a missing client certificate", async () =>
    expect(await meet(mutual(), settings(client, { cert: undefined, key: undefined }))).toEqual({
      why: "it requires a client certificate",
      next: "put cert.pem and key.pem into DOCKER_CERT_PATH",
    }));

  // The message of the test's server: a real engine names the cause.
  test("reports a client certificate that the engine does not trust", async () => {
    const foreign = await other.issue("me", "DNS:me");
    expect(await meet(mutual(), settings(foreign, { ca: client.ca }))).toEqual({
      why: "it closed the connection",
      next: "check that cert.pem is a certificate that it accepts",
    });
  });

  test("reports an engine without TLS", async () =>
    expect(await meet(undefined, settings(client))).toMatchObject({ why: "it does not use TLS" }));

  test("reports an engine that requires TLS", async () =>
    expect(await meet(served(server), undefined)).toEqual({
      why: "it closed the connection",
      next: "if it uses TLS, set DOCKER_TLS_VERIFY=1",
    }));

  test("reports missing or invalid certificate files", async () => {
    await using bad = await folder({ "cert.pem": "no certificate", "key.pem": "no key" });
    expect(await meet(served(server), settings(client, { key: "/no/key.pem" }))).toMatchObject({
      why: "Cannot use /no/key.pem: no such file",
    });
    const broken = { cert: `${bad.path}/cert.pem`, key: `${bad.path}/key.pem` };
    expect(await meet(served(server), settings(client, broken))).toMatchObject({
      why: expect.stringContaining(`${bad.path}/cert.pem, ${bad.path}/key.pem: error:`),
    });
    expect(await meet(served(server), settings(client, { key: server.key }))).toMatchObject({
      why: expect.stringContaining("Cannot use "),
    });
  });
});

describe("reports a missing engine", () => {
  const why = async (address: Address) =>
    ((await ping(address).catch((error) => error)) as Error).message.replace(/^Cannot reach the engine at \S+: /, "");

  test("reports a port without a listener", async () => {
    const relay: Relay = await relayTo("/nowhere");
    await relay[Symbol.asyncDispose]();
    expect(await why(at(relay.port))).toBe("connection refused");
  });

  test("reports an unknown host", async () =>
    expect(await why(at(1, undefined, "no-such-host.invalid"))).toBe("no such host"));

  test("reports a socket path that is a file or a folder", async () => {
    await using dir = await folder({ file: "" });
    expect(await why({ socketPath: `${dir.path}/file` })).toBe("not a socket");
    expect(await why({ socketPath: dir.path })).toBe("not a socket");
  });
});

/** Listens, and handles a connection as the test requires. */
async function listen(serve: Parameters<typeof createSocketServer>[1]) {
  const listener = createSocketServer(serve);
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return { port: (listener.address() as AddressInfo).port, [Symbol.dispose]: () => void listener.close() };
}

describe("reports a server that is not an engine", () => {
  test.each([
    [
      "HTTP/1.1 404 Not Found\r\nContent-Length: 33\r\n\r\n<h1>404 Not Found</h1>\n<i>nginx</i>",
      "The server at PLACE is not a Docker Engine, nor a proxy for one: 404 Not Found nginx",
    ],
    [
      "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
      "The server at PLACE is not a Docker Engine, nor a proxy for one: 502",
    ],
    [
      "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n<h1>Hello</h1>",
      "The server at PLACE is not a Docker Engine, nor a proxy for one: 200 Hello",
    ],
    [
      "HTTP/1.1 403 Forbidden\r\nContent-Length: 22\r\n\r\n<h1>403 Forbidden</h1>",
      "The proxy at PLACE refused GET /version: 403 Forbidden",
    ],
    [
      "220 mail.example ESMTP\r\n",
      'Cannot reach the engine at PLACE: this is not a Docker Engine: it answered "220 mail.example ESMTP"',
    ],
    ["\x15\x03\x01\x00\x02\x02\x46", "Cannot reach the engine at PLACE: it requires TLS"],
    [
      "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
      "Cannot reach the engine at PLACE: it requires TLS",
    ],
    ["", "Cannot reach the engine at PLACE: it closed the connection"],
    [
      'HTTP/1.1 400 Bad Request\r\nApi-Version: 1.60\r\nContent-Length: 104\r\n\r\n{"message":"client version 1.44 is too old. Minimum supported API version is 1.50, please upgrade it now"}',
      "The engine requires API 1.50 or newer, oneoff uses 1.44",
    ],
  ])("reports a server that answers %j", async (answer, message) => {
    using listener = await listen((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(answer, "latin1"));
    });
    const address = at(listener.port);
    await expect(ping(address)).rejects.toThrow(message.replace("PLACE", `tcp://127.0.0.1:${listener.port}`));
  });

  test("reports a proxy that does not support upgrades", async () => {
    using listener = await listen((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
    });
    await using transport = transportTo(at(listener.port));
    await expect(hijack(transport, { path: "/containers/c/attach" })).rejects.toMatchObject({
      code: "upgrade-lost",
      message: `The proxy at tcp://127.0.0.1:${listener.port} does not upgrade the connection: expected status 101, found 200`,
    });
  });
});

describe("reports an engine that accepts connections without answering", () => {
  const silent = async (serve: Parameters<typeof createSocketServer>[1], address: (port: number) => Address = at) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      using listener = await listen(serve);
      const asked = ping(address(listener.port)).catch((error) => error);
      let over = false;
      asked.then(() => {
        over = true;
      });
      for (let seconds = 0; seconds < 10 && !over; seconds += 1) {
        await vi.advanceTimersByTimeAsync(1_000);
        for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);
      }
      expect(over).toBe(true);
      return ((await asked) as Error).message.replace(/^.*?:\d+: /, "");
    } finally {
      vi.useRealTimers();
    }
  };

  test("reports a silent engine within ten seconds", async () =>
    expect(await silent((socket) => void socket.resume())).toBe("it accepts connections but does not respond"));

  test("reports a silent engine within a TLS handshake", async () =>
    expect(
      await silent(
        (socket) => void socket.resume(),
        (port) => at(port, settings(client)),
      ),
    ).toBe("connection timed out"));

  test("waits for a slow engine that answers a ping", async () => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine);
    const held = engine.on("GET /version");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const asked = transport.send({ method: "GET", path: "/version" });
      const { reply } = await held;
      for (let seconds = 0; seconds < 30; seconds += 1) {
        await vi.advanceTimersByTimeAsync(1_000);
        for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);
      }
      reply(200, { late: true });
      expect(await (await asked).json(() => undefined)).toEqual({ late: true });
    } finally {
      vi.useRealTimers();
    }
  });
});
