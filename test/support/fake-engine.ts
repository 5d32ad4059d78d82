import { Buffer } from "node:buffer";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/** A request as it came. */
export interface ReceivedRequest {
  /** Without the version: `POST /containers/create?name=x`. */
  readonly line: string;
  /** `1.44` */
  readonly version: string;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** By names in lower case. */
  readonly headers: IncomingMessage["headers"];
  /** What its JSON says, or the bytes of an archive; undefined without a body. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at a field or two of it
  readonly body: any;
}

/** A request that waits for its answer. */
export interface Exchange extends ReceivedRequest {
  /** Below HTTP: what is written here goes out as it is, and closing it cuts the answer off. */
  readonly socket: Socket;
  /** Answers whole: an object as JSON, a string as plain text. The connection stays open, as the engine leaves it. */
  reply(status: number, body?: unknown): void;
  /** Sends the head of an answer, 200, and nothing else: the body follows when it is written. */
  acknowledge(): ServerResponse;
  /** Sends `UPGRADED`: from here on the connection is the caller's. */
  upgrade(): Socket;
  /** Refuses as `attach` does: plain text, no length, and the connection's end is the message's. */
  refuse(status: number, text: string): void;
}

export interface FakeEngine extends AsyncDisposable {
  readonly socketPath: string;
  /** In the order they came, those of a version that was too new included. */
  readonly requests: readonly ReceivedRequest[];
  /** The same, as `POST /containers/create?name=x`. */
  readonly lines: readonly string[];
  /**
   * Scripts the answer to one request; several for one route are used up in their order.
   * @param route `POST /containers/create`, without version and query.
   * @param status when left out the request is held until the test answers it.
   * @returns the request, once it is here.
   */
  on(route: string, status?: number, body?: unknown): Promise<Exchange>;
  /** The next such request that is not scripted; it need not come. */
  whenever(route: string): Promise<Exchange>;
  /** Answers every such request that is not scripted; none needs to come. */
  always(route: string, status: number, body?: unknown): void;
  /** Goes away as an engine does that is killed: all connections break, and nobody listens any more. */
  vanish(): Promise<void>;
  /** @throws when a request came that was not scripted, or one that was never came. Done at the test's end in any case. */
  verify(): void;
}

export const UPGRADED =
  "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";

/**
 * @param version the newest API version it speaks; whatever asks for a newer one is refused before anything else.
 * @param server what it says that it is, as in `Libpod/5.8.6 (linux)`.
 * @param time what its clock says in every answer, in seconds since 1970; the machine's own unless given.
 */
export async function fakeEngine({
  version = "1.51",
  server: is = "Docker/28.5.2 (linux)",
  time,
}: {
  readonly version?: string;
  readonly server?: string;
  readonly time?: number;
} = {}): Promise<FakeEngine> {
  // Not os.tmpdir(): a unix socket's path may have 108 bytes.
  const folder = await mkdtemp("/tmp/oneoff-s-");
  const socketPath = `${folder}/engine.sock`;
  const requests: ReceivedRequest[] = [];
  const scripted: { route: string; status: number | undefined; body: unknown; came: (exchange: Exchange) => void }[] =
    [];
  const expected = new Map<string, ((exchange: Exchange) => void)[]>();
  const lasting = new Map<string, [status: number, body: unknown]>();
  const unexpected: string[] = [];
  const sockets = new Set<Socket>();

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
    // What is known of no image is asked of many: unless a test says otherwise, the engine has none.
    if (!one && /^GET \/images\/.+\/json$/.test(route)) {
      return exchange.reply(404, { message: "No such image" });
    }
    // Looked for in passing, as is what is overdue.
    if (!one && route === "GET /volumes") return exchange.reply(200, { Volumes: [] });
    if (!one) {
      unexpected.push(exchange.line);
      exchange.reply(501, { message: `not scripted: ${exchange.line}` });
      return;
    }
    if (one.status !== undefined) exchange.reply(one.status, one.body);
    one.came(exchange);
  };

  // No engine closes a connection that is idle: a busy machine would be long enough about a test for that.
  const server = createServer({ keepAliveTimeout: 0 }, async (request, response) => {
    // Asked where nothing is heard of us for some seconds, as on a machine that is very busy.
    if (request.url === "/_ping") return void response.end("OK");
    const body = await buffer(request).catch(() => undefined);
    if (body) serve(exchangeOf(request, body, response, { version, is, time }));
  });
  server.on("upgrade", async (request: IncomingMessage, socket: Socket, early: Buffer) => {
    if (early.length > 0) socket.unshift(early);
    socket.on("error", () => {});
    serve(exchangeOf(request, await bodyOf(request, socket), undefined, { version, is, time }));
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
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
    on(route, status, body) {
      const { promise, resolve } = Promise.withResolvers<Exchange>();
      scripted.push({ route, status, body, came: resolve });
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
    verify() {
      const problems = [
        ...unexpected.map((line) => `came unexpectedly: ${line}`),
        ...scripted.map(({ route }) => `never came: ${route}`),
      ];
      if (problems.length > 0) throw new Error(`The fake engine: ${problems.join("; ")}`);
    },
    [Symbol.asyncDispose]: () => engine.vanish(),
  };
  onTestFinished(async ({ task }) => {
    await engine.vanish();
    // A test that has failed already is not failed once more for what it then left out.
    if (task.result?.state !== "fail") engine.verify();
  });
  return engine;
}

/** Of a request to upgrade: Node leaves that to us, too; from 26 on it is the request's again. */
async function bodyOf(request: IncomingMessage, socket: Socket): Promise<Buffer> {
  const length = Number(request.headers["content-length"] ?? 0);
  if (length === 0) return Buffer.alloc(0);
  for (;;) {
    const body: Buffer | null = socket.read(length) ?? request.read(length);
    if (body) return body;
    await Promise.race([once(socket, "readable"), once(request, "readable")]);
  }
}

const isNewer = (asked: string, known: string) => Number(asked.split(".")[1]) > Number(known.split(".")[1]);

/** @param response nothing for a request to upgrade: Node leaves that to us. */
function exchangeOf(
  { method = "", url = "", socket, headers }: IncomingMessage,
  bytes: Buffer,
  response: ServerResponse | undefined,
  engine: { readonly version: string; readonly is: string; readonly time: number | undefined },
): Exchange {
  const [, version = "", target = ""] = /^\/v([\d.]+)(\/.*)$/.exec(url) ?? [];
  const [path = "", search = ""] = target.split("?");
  const isArchive = headers["content-type"] === "application/x-tar";
  const date = engine.time === undefined ? {} : { Date: new Date(engine.time * 1000).toUTCString() };
  const reply = (status: number, body?: unknown) => {
    const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
    const headers = {
      "Api-Version": engine.version,
      Server: engine.is,
      ...date,
      ...(status !== 204 && { "Content-Length": Buffer.byteLength(text) }),
      ...(text && { "Content-Type": typeof body === "string" ? "text/plain" : "application/json" }),
    };
    if (response) response.writeHead(status, headers).end(text);
    else {
      socket.write(`${head(status, headers)}${text}`);
      // It waits for another request, and goes when the other side does.
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
      if (!response) throw new Error("This request is to be upgraded");
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
