import { Buffer } from "node:buffer";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { onTestFinished } from "vitest";

export interface ReceivedRequest {
  /** Without the API version: `POST /containers/create?name=x`. */
  readonly line: string;
  /** `1.44` */
  readonly version: string;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** By lower-case names. */
  readonly headers: IncomingMessage["headers"];
  /** The parsed JSON, or the bytes of an archive; undefined without a body. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read single fields of it
  readonly body: any;
}

/** A request that has no response yet. */
export interface Exchange extends ReceivedRequest {
  /** Raw access: bytes are sent unchanged, and closing it truncates the response. */
  readonly socket: Socket;
  /** Sends a complete response: an object as JSON, a string as plain text. Like the engine, keeps the connection open. */
  reply(status: number, body?: unknown): void;
  /** Sends the headers of a response with status 200; the test writes the body. */
  acknowledge(): ServerResponse;
  /** Sends `UPGRADED`; the caller then owns the connection. */
  upgrade(): Socket;
  /** Refuses like `attach`: plain text without Content-Length, ended by closing the connection. */
  refuse(status: number, text: string): void;
}

export interface FakeEngine extends AsyncDisposable {
  readonly socketPath: string;
  /** In order of arrival, including requests with an API version that is too new. */
  readonly requests: readonly ReceivedRequest[];
  /** The lines of `requests`: `POST /containers/create?name=x`. */
  readonly lines: readonly string[];
  /** The number of all connections, open or closed. */
  readonly connections: number;
  /**
   * Scripts the response to one request. Several scripts of a route are used in order.
   * @param route without API version and query: `POST /containers/create`.
   * @param status without it, the test has to respond.
   * @returns the request when it arrives.
   */
  on(route: string, status?: number, body?: unknown): Promise<Exchange>;
  /** Resolves with the next unscripted request of the route, which is optional. */
  whenever(route: string): Promise<Exchange>;
  /** Responds to all unscripted requests of the route, which are optional. */
  always(route: string, status: number, body?: unknown): void;
  /** Simulates a killed engine: closes all connections and the socket. */
  vanish(): Promise<void>;
  /** Resolves when the client has closed all connections: requests that it does not await have then arrived, too. */
  disconnected(): Promise<unknown>;
  /** Called at the end of each test. @throws for unscripted requests, and for scripts without a request */
  verify(): void;
}

export const UPGRADED =
  "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";

/**
 * @param version the newest supported API version.
 * @param server the Server header, e.g. `Libpod/5.8.6 (linux)`.
 * @param time the Date header as Unix time in seconds; defaults to the current time.
 */
export async function fakeEngine({
  version = "1.51",
  server: serverHeader = "Docker/28.5.2 (linux)",
  time,
}: {
  readonly version?: string;
  readonly server?: string;
  readonly time?: number;
} = {}): Promise<FakeEngine> {
  // The path of a Unix socket is limited to 108 bytes, so os.tmpdir() may be too long.
  const folder = await mkdtemp("/tmp/oneoff-s-");
  const socketPath = `${folder}/engine.sock`;
  const requests: ReceivedRequest[] = [];
  const scripted: {
    route: string;
    status: number | undefined;
    body: unknown;
    onRequest: (exchange: Exchange) => void;
  }[] = [];
  const expected = new Map<string, ((exchange: Exchange) => void)[]>();
  const lasting = new Map<string, [status: number, body: unknown]>();
  const unexpected: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;

  const serve = (exchange: Exchange) => {
    requests.push(exchange);
    if (isNewer(exchange.version, version)) {
      const message = `client version ${exchange.version} is too new. Maximum supported API version is ${version}`;
      exchange.reply(400, { message });
      return;
    }
    const route = `${exchange.method} ${exchange.path}`;
    const at = scripted.findIndex((one) => one.route === route);
    const [one] = at < 0 ? [] : scripted.splice(at, 1);
    const waiting = one ? undefined : expected.get(route)?.shift();
    if (waiting) return waiting(exchange);
    const answer = lasting.get(route);
    if (!one && answer) return exchange.reply(...answer);
    // Many commands inspect images; by default the engine has none.
    if (!one && /^GET \/images\/.+\/json$/.test(route)) {
      return exchange.reply(404, { message: "No such image" });
    }
    // Many commands list volumes to reap expired ones.
    if (!one && route === "GET /volumes") return exchange.reply(200, { Volumes: [] });
    // Commands that find nothing look for a service of a Swarm; by default the engine is in none.
    if (!one && ["GET /services", "GET /configs"].includes(route)) {
      const message = 'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" …';
      return exchange.reply(503, { message });
    }
    if (!one) {
      unexpected.push(exchange.line);
      exchange.reply(501, { message: `not scripted: ${exchange.line}` });
      return;
    }
    if (one.status !== undefined) exchange.reply(one.status, one.body);
    one.onRequest(exchange);
  };

  // Engines do not close idle connections, and a test on a busy machine may exceed the default of 5 s.
  const server = createServer({ keepAliveTimeout: 0 }, async (request, response) => {
    // oneoff sends a ping after some seconds without data, which happens on busy machines.
    if (request.url === "/_ping") return void response.end("OK");
    const body = await buffer(request).catch(() => undefined);
    if (body) serve(exchangeOf(request, body, response, { version, serverHeader, time }));
  });
  server.on("upgrade", async (request: IncomingMessage, socket: Socket, early: Buffer) => {
    if (early.length > 0) socket.unshift(early);
    socket.on("error", () => {});
    serve(exchangeOf(request, await bodyOf(request, socket), undefined, { version, serverHeader, time }));
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    connections += 1;
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(socketPath);
  await once(server, "listening");

  const engine: FakeEngine = {
    socketPath,
    requests,
    get lines() {
      return requests.map(({ line }) => line);
    },
    get connections() {
      return connections;
    },
    on(route, status, body) {
      const { promise, resolve } = Promise.withResolvers<Exchange>();
      scripted.push({ route, status, body, onRequest: resolve });
      return promise;
    },
    whenever(route) {
      const { promise, resolve } = Promise.withResolvers<Exchange>();
      expected.set(route, [...(expected.get(route) ?? []), resolve]);
      return promise;
    },
    always: (route, status, body) => void lasting.set(route, [status, body]),
    async vanish() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await rm(folder, { recursive: true, force: true });
    },
    disconnected: () => Promise.all(Array.from(sockets, (socket) => new Promise((done) => socket.once("close", done)))),
    verify() {
      const problems = [
        ...unexpected.map((line) => `unexpected request: ${line}`),
        ...scripted.map(({ route }) => `request missing: ${route}`),
      ];
      if (problems.length > 0) throw new Error(`The fake engine: ${problems.join("; ")}`);
    },
    [Symbol.asyncDispose]: () => engine.vanish(),
  };
  onTestFinished(async ({ task }) => {
    await engine.vanish();
    // A failed test may have skipped requests.
    if (task.result?.state !== "fail") engine.verify();
  });
  return engine;
}

/** Node.js before 26 does not read the body of an upgrade request. */
async function bodyOf(request: IncomingMessage, socket: Socket): Promise<Buffer> {
  const length = Number(request.headers["content-length"] ?? 0);
  if (length === 0) return Buffer.alloc(0);
  for (;;) {
    const body: Buffer | null = socket.read(length) ?? request.read(length);
    if (body) return body;
    await Promise.race([once(socket, "readable"), once(request, "readable")]);
  }
}

const isNewer = (version: string, supported: string) => Number(version.split(".")[1]) > Number(supported.split(".")[1]);

/** @param response undefined for an upgrade request, for which Node.js creates none. */
function exchangeOf(
  { method = "", url = "", socket, headers }: IncomingMessage,
  bytes: Buffer,
  response: ServerResponse | undefined,
  engine: { readonly version: string; readonly serverHeader: string; readonly time: number | undefined },
): Exchange {
  const [, version = "", target = ""] = /^\/v([\d.]+)(\/.*)$/.exec(url) ?? [];
  const [path = "", search = ""] = target.split("?");
  const isArchive = headers["content-type"] === "application/x-tar";
  const date = engine.time === undefined ? {} : { Date: new Date(engine.time * 1000).toUTCString() };
  const reply = (status: number, body?: unknown) => {
    const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
    const headers = {
      "Api-Version": engine.version,
      Server: engine.serverHeader,
      ...date,
      ...(status !== 204 && { "Content-Length": Buffer.byteLength(text) }),
      ...(text && { "Content-Type": typeof body === "string" ? "text/plain" : "application/json" }),
    };
    if (response) response.writeHead(status, headers).end(text);
    else {
      socket.write(`${head(status, headers)}${text}`);
      // The connection stays open until the client closes it.
      socket.resume().once("end", () => socket.end());
    }
  };
  return {
    line: `${method} ${target}`,
    version,
    method,
    path,
    query: Object.fromEntries(new URLSearchParams(search)),
    headers,
    body: bytes.length === 0 ? undefined : isArchive ? bytes : JSON.parse(bytes.toString()),
    socket,
    reply,
    acknowledge() {
      if (!response) throw new Error("This is an upgrade request");
      response
        .writeHead(200, { "Api-Version": engine.version, "Content-Type": "application/json", ...date })
        .flushHeaders();
      return response;
    },
    upgrade() {
      socket.write(UPGRADED);
      return socket;
    },
    refuse: (status, text) => {
      socket.end(`${head(status, { "Content-Type": "application/vnd.docker.raw-stream" })}${text}\r\n`);
    },
  };
}

const head = (status: number, headers: Record<string, string | number>) =>
  `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")}\r\n`;
