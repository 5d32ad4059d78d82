import { createServer, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

const ID = "0123456789abcdef".repeat(4);

/** The time of the first request and of the last answer, by performance.now(). */
export interface Exchange {
  firstRequest: number;
  lastAnswer: number;
}

/**
 * An engine that answers instantly: a container exits with 0 as soon as it is started. The duration of a run on it
 * is the client's own.
 */
export const openInstantEngine = async (socketPath: string) => {
  let current: Exchange | undefined;
  let attached: Duplex | undefined;
  let waiting: ServerResponse | undefined;

  const asked = () => {
    current ??= { firstRequest: performance.now(), lastAnswer: 0 };
  };
  const answer = (response: ServerResponse, status: number, body?: unknown) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    response.writeHead(status, { "Api-Version": "1.47", Ostype: "linux", "Content-Type": "application/json" });
    response.end(text);
    if (current) current.lastAnswer = performance.now();
  };

  const server = createServer((request, response) => {
    asked();
    request.resume();
    const url = request.url ?? "";
    if (url.endsWith("/_ping")) answer(response, 200);
    // The app exists only as its image.
    else if (url.includes("/containers/json") || url.includes("/images/json")) answer(response, 200, []);
    else if (url.includes("/containers/create")) answer(response, 201, { Id: ID, Warnings: [] });
    else if (url.includes("/wait")) {
      response.writeHead(200, { "Content-Type": "application/json" }).flushHeaders();
      waiting = response;
    } else if (url.includes("/start")) {
      answer(response, 204);
      attached?.end();
      waiting?.end(JSON.stringify({ StatusCode: 0 }));
      if (current) current.lastAnswer = performance.now();
    } else answer(response, 404, { message: `the instant engine knows no ${request.method} ${url}` });
  });
  server.on("upgrade", (_request, socket) => {
    asked();
    attached = socket;
    socket.on("error", () => {});
    socket.write("HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n");
    socket.write("Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));

  return {
    host: `unix://${socketPath}`,
    /** The run that has just ended, as the engine saw it. */
    taken(): Exchange {
      const taken = current;
      if (!taken) throw new Error("The instant engine was not asked for anything");
      current = attached = waiting = undefined;
      return taken;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
