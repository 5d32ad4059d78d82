import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, request } from "node:http";
import { connect, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { socketOf } from "./docker-api.ts";

const TIME = /\b(?:19|20)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?=[.Z])/g;

/** An engine as somebody sees it whose own clock differs: all moments of its answers are so many seconds later. */
export async function shiftedEngine(
  host: string,
  seconds: number,
): Promise<AsyncDisposable & { readonly host: string }> {
  const socketPath = socketOf(host);
  const sockets = new Set<Socket>();
  const moved = (date: string) => new Date(Date.parse(date) + seconds * 1000);
  const shifted = (text: string) =>
    text
      .replace(TIME, (time) => moved(`${time}Z`).toISOString().slice(0, 19))
      .replace(/"Created":(\d+)/g, (_, time: string) => `"Created":${Number(time) + seconds}`);
  const headersOf = (headers: IncomingHttpHeaders) => ({
    ...headers,
    ...(headers.date && { date: moved(headers.date).toUTCString() }),
  });
  // Engines close no idle connection.
  const server = createServer({ keepAliveTimeout: 0 }, (near, answer) => {
    const { method, url, headers } = near;
    const far = request({ socketPath, method, path: url, headers, agent: false }, async (response) => {
      const { statusCode = 500 } = response;
      const { "content-length": _, ...rest } = headersOf(response.headers);
      if (/\/(json|info)(\?|$)/.test(url ?? "")) {
        const { "transfer-encoding": _, ...whole } = rest;
        answer.writeHead(statusCode, whole).end(shifted((await buffer(response)).toString()));
        return;
      }
      answer.writeHead(statusCode, rest).flushHeaders();
      response.pipe(answer);
    });
    far.once("error", () => near.socket.destroy());
    answer.once("close", () => far.destroy());
    near.pipe(far);
  });
  server.on("upgrade", ({ method, url, rawHeaders }, near: Socket, head: Buffer) => {
    const far = connect({ path: socketPath, allowHalfOpen: true });
    const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : []));
    far.write(`${method} ${url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    far.write(head);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.once("error", () => to.destroy()).once("close", () => sockets.delete(from));
    }
  });
  server.on("connection", (socket) => sockets.add(socket).size);
  const folder = await mkdtemp("/tmp/oneoff-c-");
  server.listen(`${folder}/socket`);
  await once(server, "listening");
  return {
    host: `unix://${folder}/socket`,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
