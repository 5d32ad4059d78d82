import { createServer } from "node:http";

/** An engine that only reads a build context and reports success: the duration of an upload to it is the client's own. */
export const openSinkEngine = async (socketPath: string) => {
  let received = 0;
  const server = createServer((request, response) => {
    const { method = "", url = "" } = request;
    const answer = (status: number, body: object) => {
      response.writeHead(status, { "Api-Version": "1.47", Ostype: "linux", "Content-Type": "application/json" });
      response.end(JSON.stringify(body));
    };
    if (url.includes("/build")) {
      received = 0;
      request.on("data", (chunk: Buffer) => (received += chunk.length));
      request.on("end", () => answer(200, { aux: { ID: `sha256:${"0".repeat(64)}` } }));
      return;
    }
    request.resume();
    if (url.endsWith("/_ping")) answer(200, {});
    else if (url.endsWith("/version")) answer(200, { Os: "linux", Arch: "amd64" });
    else if (/\/(?:containers|images)\/json/.test(url)) answer(200, []);
    else if (url.includes("/images/busybox")) answer(200, { Id: "sha256:busybox" });
    // It has no sessions, so that it receives an archive.
    else if (method === "POST" && !url.endsWith("/session")) answer(201, { Id: "0123456789abcdef".repeat(4) });
    else answer(404, { message: `the sink engine knows no ${method} ${url}` });
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    host: `unix://${socketPath}`,
    /** @throws unless the last build's context had at least so many bytes. */
    verify(bytes: number) {
      if (received < bytes) throw new Error(`${received} bytes arrived, of ${bytes}`);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
