import { createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { putArchive, statContainerPath } from "../../../src/engine/archive.ts";
import { attachContainer, createContainer, inspectContainer, listContainers } from "../../../src/engine/containers.ts";
import { createExec, inspectExec } from "../../../src/engine/exec.ts";
import { inspectImage, listImages } from "../../../src/engine/images.ts";
import { listNetworks } from "../../../src/engine/networks.ts";
import { pullImage } from "../../../src/engine/pull.ts";
import { engineInfo, engineVersion } from "../../../src/engine/system.ts";
import type { EngineTimeouts } from "../../../src/engine/timeouts.ts";
import { openTransport, type Transport } from "../../../src/engine/transport.ts";
import { waitContainer } from "../../../src/engine/wait.ts";
import { OneoffError } from "../../../src/errors/error.ts";
import { folder } from "../../support/folder.ts";

const HEAD = "HTTP/1.1 200 OK\r\nApi-Version: 1.44\r\nServer: Docker/28\r\n";
const json = (body: string) => `${HEAD}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** An engine on its own socket that answers every request like this. */
async function engineThat(
  answer: (socket: Socket) => void,
  timeoutsMs: Partial<EngineTimeouts> = {},
): Promise<Transport> {
  const place = await folder();
  const server = createServer((socket) => {
    socket.on("error", () => {}).once("data", () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(`${place.path}/s`, resolve));
  const transport = openTransport(() => ({ socketPath: `${place.path}/s`, from: "default" }), {
    timeoutsMs,
  });
  onTestFinished(async () => {
    await transport[Symbol.asyncDispose]();
    server.close();
    await place[Symbol.asyncDispose]();
  });
  return transport;
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => {
      throw new Error("It did not fail");
    },
    (error: unknown) => error as OneoffError,
  );

function expectEnginesFault(error: OneoffError): void {
  expect(error).toBeInstanceOf(OneoffError);
  expect(error.message).not.toContain("\n");
  expect(error.message.length).toBeLessThan(500);
}

const body = { Image: "i", Cmd: [], Labels: {} };

const ASKS: readonly (readonly [name: string, ask: (engine: Transport) => Promise<unknown>])[] = [
  ["GET /containers/json", (engine) => listContainers(engine, {})],
  ["GET /containers/c/json", (engine) => inspectContainer(engine, "c")],
  ["POST /containers/create", (engine) => createContainer(engine, "n", body)],
  ["GET /images/json", (engine) => listImages(engine)],
  ["GET /images/i/json", (engine) => inspectImage(engine, "i")],
  ["GET /networks", listNetworks],
  ["GET /version", engineVersion],
  ["GET /info", engineInfo],
  ["POST /containers/c/exec", (engine) => createExec(engine, "c", {} as Parameters<typeof createExec>[2])],
  ["GET /exec/e/json", (engine) => inspectExec(engine, "e")],
];

describe.each(ASKS)("checks the answer to %s", (name, ask) => {
  test.each([
    "null",
    "[null]",
    '"text"',
    "5",
    "true",
    '[{"Id": 5}]',
    '{"Id": 5, "Os": 5, "Name": 5, "ExitCode": "x"}',
    "",
    "{",
  ])("reports the answer %s as the engine's fault", async (answer) => {
    const error = await failure(ask(await engineThat((socket) => socket.end(json(answer)))));
    expectEnginesFault(error);
    expect(error).toMatchObject({ code: "bad-answer" });
    expect(error.message).toContain(`The engine sent an invalid answer to ${name}: expected `);
  });
});

test("fails on every answer that stalls", async () => {
  const stall = (socket: Socket) => socket.write(`${HEAD}Content-Length: 100\r\n\r\n[{"Id":`);
  const failures = ASKS.map(async ([, ask]) => failure(ask(await engineThat(stall, { body: 100 }))));
  const stopped = {
    code: "engine-unreachable",
    message: expect.stringMatching(/^Cannot reach the engine at \S+: it stopped in the middle of an answer$/),
  };
  expect(await Promise.all(failures)).toMatchObject(ASKS.map(() => stopped));
});

describe("waits for an answer that pauses", () => {
  /** Longer than any other answer may pause. */
  const pausing = (head: string, ...parts: readonly string[]) =>
    engineThat(
      async (socket) => {
        socket.write(`HTTP/1.1 200 OK\r\nApi-Version: 1.44\r\nConnection: close\r\n${head}\r\n`);
        for (const part of parts) {
          await pause(300);
          socket.write(part);
        }
        socket.end();
      },
      { body: 100 },
    );

  test("waits for the answer of a wait", async () => {
    const engine = await pausing("Content-Length: 16\r\n", '{"StatusCode":7}');
    const { exit } = await waitContainer(engine, "c", "next-exit");
    expect(await exit).toEqual({ StatusCode: 7 });
  });

  test("waits for the answer of a pull", async () => {
    const engine = await pausing("", '{"status":"one"}\n', '{"status":"two"}\n');
    const progress: unknown[] = [];
    await pullImage(
      engine,
      "i:1",
      async () => undefined,
      (one) => progress.push(one),
    );
    expect(progress).toEqual([{ status: "one" }, { status: "two" }]);
  });

  test("waits for the answer to an upload", async () => {
    const engine = await pausing("", "done");
    const start = performance.now();
    await putArchive(engine, "c", "/", async function* () {
      yield Buffer.alloc(1024);
    });
    expect(performance.now() - start).toBeGreaterThan(250);
  });

  test("shows the received part of a refusal that stalls", async () => {
    const refusing = (socket: Socket) =>
      socket.write("HTTP/1.1 404 Odd\r\nApi-Version: 1.44\r\nContent-Length: 100\r\n\r\nNo such");
    const engine = await engineThat(refusing, { errorBody: 200 });
    const error = await failure(attachContainer(engine, "c", { stdin: false, tty: false }));
    expect(error).toMatchObject({ code: "engine-refused", message: "No such" });
  });
});

test.each(["099", "600", "999"])("reports status %s as the engine's fault", async (status) => {
  const answer = `HTTP/1.1 ${status} Odd\r\nApi-Version: 1.44\r\nContent-Length: 2\r\n\r\n[]`;
  expectEnginesFault(await failure(listContainers(await engineThat((socket) => socket.end(answer)), {})));
  expectEnginesFault(
    await failure(attachContainer(await engineThat((socket) => socket.end(answer)), "c", { stdin: false, tty: false })),
  );
});

test.each(["\x00\x01\x02", "HTTP/1.1 abc\r\n\r\n", "hello\r\n\r\n", "HTTP/9 200 OK\r\n\r\n", "HTTP/1.1 101\r\nno end"])(
  "reports the head %j as the engine's fault",
  async (head) => {
    const engine = () => engineThat((socket) => socket.end(head));
    expectEnginesFault(await failure(attachContainer(await engine(), "c", { stdin: false, tty: false })));
    expectEnginesFault(await failure(listContainers(await engine(), {})));
  },
);

test("fails on a head without an end", async () => {
  const engine = await engineThat((socket) => socket.end(`HTTP/1.1 101 X\r\n${"a: b\r\n".repeat(50_000)}`));
  expectEnginesFault(await failure(attachContainer(engine, "c", { stdin: false, tty: false })));
});

test("reads at most 64 KiB of an endless error body", async () => {
  const endless = (socket: Socket) => {
    socket.write("HTTP/1.1 500 Odd\r\nApi-Version: 1.44\r\nServer: Docker/28\r\n\r\n");
    const more = () => {
      while (!socket.destroyed && socket.write("x".repeat(65_536)));
    };
    socket.on("drain", more);
    more();
  };
  for (const ask of [
    (engine: Transport) => listContainers(engine, {}),
    (engine: Transport) => attachContainer(engine, "c", { stdin: false, tty: false }),
  ]) {
    const error = await failure(ask(await engineThat(endless)));
    expect(error).toMatchObject({ code: "engine-refused", status: 500 });
    expect(error.message.length).toBeLessThanOrEqual(65_536);
  }
});

test("stops reading JSON after 256 MB", async () => {
  const piece = Buffer.alloc(4 * 1024 * 1024, '"x",');
  let sent = 0;
  const engine = await engineThat((socket) => {
    socket.write(`${HEAD}\r\n[`);
    const more = () => {
      for (let goesOn = true; goesOn && !socket.destroyed; sent += piece.length) goesOn = socket.write(piece);
    };
    socket.on("drain", more);
    more();
  });
  const error = await failure(listContainers(engine, {}));
  expectEnginesFault(error);
  expect(error).toMatchObject({
    code: "bad-answer",
    message: "The engine sent an invalid answer to GET /containers/json: expected at most 268435456 bytes",
  });
  expect(sent).toBeLessThan(300 * 1024 * 1024);
});

test("reads an error body of 200,000 chunks quickly", async () => {
  const chunks = `1\r\nx\r\n`.repeat(200_000);
  const engine = await engineThat((socket) =>
    socket.end(`HTTP/1.1 500 Odd\r\nApi-Version: 1.44\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`),
  );
  const error = await failure(attachContainer(engine, "c", { stdin: false, tty: false }));
  expect(error).toMatchObject({ code: "engine-refused", message: "x".repeat(65_536) });
});

test.each(["null", "5", "[]", '"text"', '{"status": 5}', '{"progressDetail": 5}', "{", "x".repeat(2_000_000)])(
  "reports the pull line %.20s as the engine's fault",
  async (line) => {
    const engine = await engineThat((socket) => socket.end(json(`${line}\n`)));
    const error = await failure(
      pullImage(
        engine,
        "i:1",
        async () => undefined,
        () => {},
      ),
    );
    expectEnginesFault(error);
    expect(error).toMatchObject({ code: "bad-answer" });
  },
);

test.each(["", "!", "bnVsbA==", "e30=", "eyJtb2RlIjoxZTk5fQ=="])(
  "reports the path stat %j as the engine's fault",
  async (stat) => {
    const engine = await engineThat((socket) =>
      socket.end(`${HEAD}X-Docker-Container-Path-Stat: ${stat}\r\nContent-Length: 0\r\n\r\n`),
    );
    expectEnginesFault(await failure(statContainerPath(engine, "c", "/x")));
  },
);
