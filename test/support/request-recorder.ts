import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { api, socketOf } from "./docker-api.ts";
import { folder } from "./folder.ts";
import type { Inspected } from "./oneoff-suite.ts";

export interface RecordedRequest {
  readonly method: string;
  /** Without the API version and the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** The parsed JSON, the bytes of an archive, or undefined. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read single fields of it
  readonly body: any;
}

export interface RequestRecorder extends AsyncDisposable {
  /** For `DOCKER_HOST`. */
  readonly host: string;
  /** All requests so far, in order. */
  readonly requests: RecordedRequest[];
  /** Containers as `inspect` shows them immediately before they start. */
  readonly started: Inspected[];
}

/** A way to an engine that records the requests of any client. */
export async function recordRequests(engine: string): Promise<RequestRecorder> {
  const place = await folder();
  const socketPath = socketOf(engine);
  const requests: RecordedRequest[] = [];
  const started: Inspected[] = [];
  const open = new Set<Socket>();

  const note = async ({ method = "", url = "" }: IncomingMessage, bytes: Buffer) => {
    const { pathname, searchParams } = new URL(url, "http://engine");
    const path = pathname.replace(/^\/v[\d.]+/, "");
    const isJson = bytes[0] === 0x7b;
    const body = bytes.length === 0 ? undefined : isJson ? JSON.parse(bytes.toString()) : bytes;
    requests.push({ method, path, query: Object.fromEntries(searchParams), body });
    const [, id] = (method === "POST" && /^\/containers\/([^/]+)\/start$/.exec(path)) || [];
    if (id) started.push((await api(engine).get(`/containers/${id}/json`)).body);
  };

  const server = createServer({ keepAliveTimeout: 0 }, async (asked, answer) => {
    const bytes = await buffer(asked);
    await note(asked, bytes);
    const { method, url: path, headers } = asked;
    const { connection: _, "transfer-encoding": __, ...others } = headers;
    const length = bytes.length > 0 || method === "POST" ? { "content-length": bytes.length } : {};
    const far = request({ socketPath, method, path, headers: { ...others, ...length }, agent: false }, (told) => {
      const { connection: _, ...rest } = told.headers;
      answer.writeHead(told.statusCode ?? 0, rest).flushHeaders();
      told.pipe(answer).on("error", () => {});
    });
    answer.once("close", () => far.destroy());
    far.once("error", () => answer.destroy()).end(bytes);
  });
  server.on("upgrade", async (asked: IncomingMessage, near: Socket, early: Buffer) => {
    await note(asked, Buffer.alloc(0));
    const far = connect({ path: socketPath, allowHalfOpen: true });
    const lines = asked.rawHeaders.flatMap((name, index, all) =>
      index % 2 === 0 ? [`${name}: ${all[index + 1]}`] : [],
    );
    far.write(`${asked.method} ${asked.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    far.write(early);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.pipe(to);
      from.once("error", () => to.destroy());
    }
  });
  server.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket)).on("error", () => {});
  });
  server.listen(`${place.path}/socket`);
  await once(server, "listening");

  return {
    host: `unix://${place.path}/socket`,
    requests,
    started,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of open) socket.destroy();
      await place[Symbol.asyncDispose]();
    },
  };
}
