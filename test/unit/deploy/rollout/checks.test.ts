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

/** Our own machine is on both sides of it. */
const HERE: Endpoint = { IPAddress: "127.0.0.1", Gateway: "127.0.0.1" };
/** Addresses for documentation: nobody's. */
const ELSEWHERE: Endpoint = { IPAddress: "192.0.2.2", Gateway: "192.0.2.1" };

const checkOf = (text: string) => {
  const [check] = parseAppJson(Buffer.from(`{"healthchecks": {"web": [${text}]}}`)).healthchecks.get("web") ?? [];
  if (!check) throw new Error("no check");
  return check;
};

/** An engine that can run nothing in the container, or answers as `inside` says. */
async function ask(
  check: string,
  port: number,
  endpoint: Endpoint | undefined,
  inside?: { out?: string; code: number },
) {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const created = engine.on("POST /containers/id/exec", 201, { Id: "x" });
  engine.on("POST /exec/x/start").then((exchange) => {
    if (!inside) return exchange.refuse(400, 'exec: "sh": executable file not found in $PATH: unknown');
    const socket = exchange.upgrade();
    socket.end(inside.out === undefined ? "" : frame(1, inside.out));
  });
  if (inside) engine.on("GET /exec/x/json", 200, { Running: false, ExitCode: inside.code });
  const asking = { engine: transport, signal: new AbortController().signal };
  const reason = await runCheck(asking, { id: "id", port, endpoint }, checkOf(check));
  const { body } = await created;
  await transport[Symbol.asyncDispose]();
  return { reason, words: body.Cmd as string[] };
}

async function server(listener: RequestListener): Promise<number> {
  const http = createServer(listener).listen(0, "127.0.0.1");
  await once(http, "listening");
  onTestFinished(() => void http.close());
  return (http.address() as AddressInfo).port;
}

describe("a path", () => {
  test("is asked for in the container, with all there is to it as words of their own", async () => {
    const check = `{"path": "/up?a=b", "scheme": "https", "port": 8443, "timeout": 7, "content": "ok",
      "httpHeaders": [{"name": "X-A", "value": "$(reboot) '\\""}]}`;
    const { reason, words } = await ask(check, 5000, ELSEWHERE, { out: "it is ok", code: 0 });
    expect(reason).toBeUndefined();
    expect(words.slice(3)).toEqual(["sh", "https://192.0.2.2:8443/up?a=b", "7", "X-A: $(reboot) '\""]);
  });

  test("of what shares the host's network is asked for there", async () => {
    const { words } = await ask('{"path": "/"}', 5000, undefined, { code: 0 });
    expect(words[4]).toBe("http://127.0.0.1:5000/");
  });

  test("that answers without the content is not well, and neither is what does not answer", async () => {
    const lacking = await ask('{"path": "/", "content": "ready"}', 5000, HERE, { out: "starting", code: 0 });
    expect(lacking.reason).toBe('expected "ready" in the answer, found "starting"');
    const { reason } = await ask('{"path": "/"}', 5000, HERE, { out: "", code: 1 });
    expect(reason).toBe("no good answer from http://127.0.0.1:5000/");
  });

  test("is asked for from here where the image has nothing to ask with", async () => {
    const headers: unknown[] = [];
    const port = await server(({ url, headers: { "x-a": a } }, response) => {
      headers.push([url, a]);
      response.end("it is ready");
    });
    const check = '{"path": "/up", "content": "ready", "httpHeaders": [{"name": "X-A", "value": "b"}]}';
    expect((await ask(check, port, HERE)).reason).toBeUndefined();
    expect(headers).toEqual([["/up", "b"]]);
    expect((await ask('{"path": "/up", "content": "no"}', port, HERE)).reason).toBe(
      'expected "no" in the answer, found "it is ready"',
    );
  });

  test("prints what it found instead of the content, bounded and harmless", async () => {
    const reasonFor = async (out: string) =>
      (await ask('{"path": "/", "content": "ready"}', 5000, HERE, { out, code: 0 })).reason;
    expect(await reasonFor("<h1>Down\n\t for\x1b[2J</h1>\n")).toBe(
      'expected "ready" in the answer, found "<h1>Down for\\u001b[2J</h1>"',
    );
    expect(await reasonFor("x".repeat(50_000))).toBe(`expected "ready" in the answer, found "${"x".repeat(200)}…"`);
    expect(await reasonFor("\n")).toBe('expected "ready" in the answer, found nothing');
  });

  test("reads the first 64 KiB of an answer from here, which need not end", async () => {
    const readTo = async (filler: number) => {
      const port = await server((_, response) => {
        const more = () => {
          while (!response.destroyed && response.write("y".repeat(16 * 1024)));
        };
        response.on("drain", more).write(`${"x".repeat(filler)}ready`);
        more();
      });
      return (await ask('{"path": "/", "content": "ready"}', port, HERE)).reason;
    };
    expect(await readTo(64 * 1024 - 5)).toBeUndefined();
    expect(await readTo(64 * 1024 - 4)).toBe(`expected "ready" in the answer, found "${"x".repeat(200)}…"`);
  });

  test.each([
    [399, undefined],
    [404, "answered 404"],
    [503, "answered 503"],
  ])("that answers %d from here", async (status, problem) => {
    const port = await server((_, response) => response.writeHead(status).end());
    const { reason } = await ask('{"path": "/"}', port, HERE);
    expect(reason).toBe(problem && `http://127.0.0.1:${port}/ ${problem}`);
  });

  test("that never answers is late", async () => {
    const port = await server(() => {});
    expect((await ask('{"path": "/", "timeout": 1}', port, HERE)).reason).toBe("no answer within 1 s");
  });

  test("is asked of nobody whose address may be somebody else's here", async () => {
    for (const endpoint of [ELSEWHERE, undefined, {}, { IPAddress: "127.0.0.1" }]) {
      expect((await ask('{"path": "/"}', 5000, endpoint)).reason).toMatch("there is no way to ask it");
    }
  });
});

describe("a port that is listened on", () => {
  const table = "  sl  local_address rem_address   st\n   0: 00000000:1388 00000000:0000 0A 00000000\n";

  test("is in the container's own table", async () => {
    expect(await ask('{"listening": true}', 5000, HERE, { out: table, code: 1 })).toEqual({
      reason: undefined,
      words: ["cat", "/proc/net/tcp", "/proc/net/tcp6"],
    });
    expect((await ask('{"listening": true, "port": 5001}', 5000, HERE, { out: table, code: 0 })).reason).toBe(
      "nothing listens on port 5001, on all interfaces",
    );
  });

  test("is knocked at from here where the image has nothing to look with", async () => {
    const port = await server(() => {});
    expect((await ask('{"listening": true}', port, HERE)).reason).toBeUndefined();
    expect((await ask('{"listening": true}', 1, HERE)).reason).toMatch("ECONNREFUSED");
    expect((await ask('{"listening": true}', port, ELSEWHERE)).reason).toMatch("there is no way to ask it");
  });
});

test("a check of nothing passes: that it runs is seen elsewhere", async () => {
  const engine = openTransport(() => {
    throw new Error("nobody is asked");
  });
  const asking = { engine, signal: new AbortController().signal };
  const patient = { id: "id", port: 5000, endpoint: HERE };
  expect(await runCheck(asking, patient, checkOf('{"type": "startup"}'))).toBeUndefined();
});
