import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseAppJson } from "../../../../src/app/app-json.ts";
import { runCheck } from "../../../../src/deploy/rollout/checks.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { Endpoint } from "../../../../src/engine/types.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { frame } from "../../../support/frame.ts";

/** This machine as container and as gateway. */
const HERE: Endpoint = { IPAddress: "127.0.0.1", Gateway: "127.0.0.1" };
/** Addresses reserved for documentation. */
const ELSEWHERE: Endpoint = { IPAddress: "192.0.2.2", Gateway: "192.0.2.1" };

const checkOf = (text: string) => {
  const [check] = parseAppJson(Buffer.from(`{"healthchecks": {"web": [${text}]}}`)).healthchecks.get("web") ?? [];
  if (!check) throw new Error("no check");
  return check;
};

/** Runs one check. @param exec the result of an exec; without it the image has no shell. */
async function probe(
  check: string,
  port: number,
  endpoint: Endpoint | undefined,
  exec?: { out?: string; err?: string; code: number },
) {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const created = engine.on("POST /containers/id/exec", 201, { Id: "x" });
  engine.on("POST /exec/x/start").then((exchange) => {
    if (!exec) return exchange.refuse(400, 'exec: "sh": executable file not found in $PATH: unknown');
    const socket = exchange.upgrade();
    socket.write(exec.err === undefined ? "" : frame(2, exec.err));
    socket.end(exec.out === undefined ? "" : frame(1, exec.out));
  });
  if (exec) engine.on("GET /exec/x/json", 200, { Running: false, ExitCode: exec.code });
  const context = { engine: transport, signal: new AbortController().signal };
  const failure = await runCheck(context, { id: "id", port, endpoint }, checkOf(check));
  const { body } = await created;
  await transport[Symbol.asyncDispose]();
  return { reason: failure?.reason, failure, args: body.Cmd as string[] };
}

async function server(listener: RequestListener): Promise<number> {
  const http = createServer(listener).listen(0, "127.0.0.1");
  await once(http, "listening");
  onTestFinished(() => void http.close());
  return (http.address() as AddressInfo).port;
}

describe("path check", () => {
  test("runs a path check in the container with every value as an argument", async () => {
    const check = `{"path": "/up?a=b", "scheme": "https", "port": 8443, "timeout": 7, "content": "ok",
      "httpHeaders": [{"name": "X-A", "value": "$(reboot) '\\""}]}`;
    const { reason, args } = await probe(check, 5000, ELSEWHERE, { out: "it is ok", code: 0 });
    expect(reason).toBeUndefined();
    expect(args.slice(3)).toEqual(["sh", "https://192.0.2.2:8443/up?a=b", "7", "X-A: $(reboot) '\""]);
  });

  test("uses 127.0.0.1 for a container without an address", async () => {
    const { args } = await probe('{"path": "/"}', 5000, undefined, { code: 0 });
    expect(args[4]).toBe("http://127.0.0.1:5000/");
  });

  test("fails a path check without the expected content or without a response", async () => {
    const lacking = await probe('{"path": "/", "content": "ready"}', 5000, HERE, { out: "starting", code: 0 });
    expect(lacking.reason).toBe('expected "ready" in the response, found "starting"');
    const { reason } = await probe('{"path": "/"}', 5000, HERE, { out: "", code: 1 });
    expect(reason).toBe("request to http://127.0.0.1:5000/ failed");
  });

  const HEAD = "HTTP/1.1 503 Service Unavailable\r\nX-A: b\r\n\r\n";

  test.each([
    ["curl, with its head", { out: `${HEAD}down`, code: 0 }],
    ["curl, after an interim answer", { out: `HTTP/1.1 103 Early Hints\r\n\r\n${HEAD}down`, code: 0 }],
    ["GNU wget, after a redirect", { out: "down", err: "  HTTP/1.1 302 Found\n  HTTP/1.1 503 No\n", code: 8 }],
    ["BusyBox, with nc", { out: `${HEAD}down`, err: "wget: server returned error: HTTP/1.1 503 No\n", code: 1 }],
  ])("reads status and body of an error of %s", async (_program, exec) =>
    expect((await probe('{"path": "/up"}', 5000, ELSEWHERE, exec)).failure).toEqual({
      ...{ reason: "http://192.0.2.2:5000/up returned status 503", summary: "status 503", response: "down" },
    }),
  );

  test("fails for a response that breaks off after its head", async () => {
    const err = "  HTTP/1.1 200 OK\n2026-01-01 00:00:00 Read error: Connection reset by peer.\n";
    const { failure } = await probe('{"path": "/"}', 5000, ELSEWHERE, { out: "part", err, code: 4 });
    expect(failure?.summary).toBe("2026-01-01 00:00:00 Read error: Connection reset by peer.");
  });

  test("keeps the status of wget if the second request has another one", async () => {
    const exec = {
      out: "HTTP/1.1 302 Found\r\n\r\nmoved",
      err: "wget: server returned error: HTTP/1.1 503 No\n",
      code: 1,
    };
    const { failure } = await probe('{"path": "/"}', 5000, ELSEWHERE, exec);
    expect(failure).toMatchObject({ summary: "status 503", response: "" });
  });

  test.each([
    ["curl: (7) Failed to connect to 10.0.0.2 port 80 after 0 ms: Couldn't connect to server\n", "connection refused"],
    ["wget: can't connect to remote host (10.0.0.2): Connection refused\n", "connection refused"],
    [
      "curl: (7) Failed to connect to 10.0.0.2 port 80: No route to host\n",
      "Failed to connect to 10.0.0.2 port 80: No route to host",
    ],
    ["curl: (52) Empty reply from server\n", "Empty reply from server"],
    ["", "request failed"],
  ])("summarizes %j", async (err, summary) =>
    expect((await probe('{"path": "/"}', 5000, ELSEWHERE, { err, code: 7 })).failure?.summary).toBe(summary),
  );

  test("expects the content in the body only", async () => {
    const out = "HTTP/1.1 200 OK\r\nX-A: ready\r\n\r\nstarting";
    const { failure } = await probe('{"path": "/", "content": "ready"}', 5000, ELSEWHERE, { out, code: 0 });
    expect(failure).toMatchObject({ summary: 'expected "ready" in the response', response: "starting" });
  });

  test("sends the request from the host if the image has no shell", async () => {
    const headers: unknown[] = [];
    const port = await server(({ url, headers: { "x-a": a } }, response) => {
      headers.push([url, a]);
      response.end("it is ready");
    });
    const check = '{"path": "/up", "content": "ready", "httpHeaders": [{"name": "X-A", "value": "b"}]}';
    expect((await probe(check, port, HERE)).reason).toBeUndefined();
    expect(headers).toEqual([["/up", "b"]]);
    expect((await probe('{"path": "/up", "content": "no"}', port, HERE)).reason).toBe(
      'expected "no" in the response, found "it is ready"',
    );
  });

  test("prints an unexpected response escaped and shortened", async () => {
    const reasonFor = async (out: string) =>
      (await probe('{"path": "/", "content": "ready"}', 5000, HERE, { out, code: 0 })).reason;
    expect(await reasonFor("<h1>Down\n\t for\x1b[2J</h1>\n")).toBe(
      'expected "ready" in the response, found "<h1>Down for\\u001b[2J</h1>"',
    );
    expect(await reasonFor("x".repeat(50_000))).toBe(`expected "ready" in the response, found "${"x".repeat(200)}…"`);
    expect(await reasonFor("\n")).toBe('expected "ready" in the response, found nothing');
  });

  test("reads up to 64 KiB of an endless response", async () => {
    const readTo = async (filler: number) => {
      const port = await server((_, response) => {
        const more = () => {
          while (!response.destroyed && response.write("y".repeat(16 * 1024)));
        };
        response.on("drain", more).write(`${"x".repeat(filler)}ready`);
        more();
      });
      return (await probe('{"path": "/", "content": "ready"}', port, HERE)).reason;
    };
    expect(await readTo(64 * 1024 - 5)).toBeUndefined();
    expect(await readTo(64 * 1024 - 4)).toBe(`expected "ready" in the response, found "${"x".repeat(200)}…"`);
  });

  test.each([
    [399, undefined],
    [404, "returned status 404"],
    [503, "returned status 503"],
  ])("evaluates status %d of a request from the host", async (status, problem) => {
    const port = await server((_, response) => response.writeHead(status).end());
    const { reason } = await probe('{"path": "/"}', port, HERE);
    expect(reason).toBe(problem && `http://127.0.0.1:${port}/ ${problem}`);
  });

  test("fails after the timeout if a server does not respond", async () => {
    const port = await server(() => {});
    expect((await probe('{"path": "/", "timeout": 1}', port, HERE)).reason).toBe("no response within 1 s");
  });

  test("sends no request to an address that may belong to another machine", async () => {
    for (const endpoint of [ELSEWHERE, undefined, {}, { IPAddress: "127.0.0.1" }]) {
      expect((await probe('{"path": "/"}', 5000, endpoint)).reason).toMatch("it cannot be probed");
    }
  });
});

describe("listening check", () => {
  const table = "  sl  local_address rem_address   st\n   0: 00000000:1388 00000000:0000 0A 00000000\n";

  test("reads listening ports from /proc/net/tcp in the container", async () => {
    expect(await probe('{"listening": true}', 5000, HERE, { out: table, code: 1 })).toEqual({
      reason: undefined,
      args: ["cat", "/proc/net/tcp", "/proc/net/tcp6"],
    });
    expect((await probe('{"listening": true, "port": 5001}', 5000, HERE, { out: table, code: 0 })).reason).toBe(
      "nothing listens on port 5001, on all interfaces",
    );
  });

  test("connects from the host if the image has no cat", async () => {
    const port = await server(() => {});
    expect((await probe('{"listening": true}', port, HERE)).reason).toBeUndefined();
    expect((await probe('{"listening": true}', 1, HERE)).reason).toMatch("ECONNREFUSED");
    expect((await probe('{"listening": true}', port, ELSEWHERE)).reason).toMatch("it cannot be probed");
  });
});

test("passes a check without path, port and command", async () => {
  const engine = openTransport(() => {
    throw new Error("unexpected request");
  });
  const context = { engine, signal: new AbortController().signal };
  const target = { id: "id", port: 5000, endpoint: HERE };
  expect(await runCheck(context, target, checkOf('{"type": "startup"}'))).toBeUndefined();
});
