import { expect, test } from "vitest";
import { cli } from "../../../../src/cli/program.ts";
import { LABEL } from "../../../../src/identity/labels.ts";
import { fakeContext } from "../../../support/fake-context.ts";
import { type FakeEngine, fakeEngine } from "../../../support/fake-engine.ts";
import { fakeTerminal } from "../../../support/fake-terminal.ts";

// A round trip is a tenth of the time of a short command, a connection nearly as much.

const ID = "4e5f".repeat(16);

const start = async (engine: FakeEngine, ...argv: string[]) => {
  const terminal = fakeTerminal();
  const code = await cli(argv, fakeContext({ engine, terminal }));
  return { code, err: terminal.err };
};

/** Without the query. */
const routes = ({ requests }: FakeEngine) => requests.map(({ method, path }) => `${method} ${path}`);

/** Answers a run up to the exit of its command. */
async function answerRun(engine: FakeEngine) {
  engine.on("POST /containers/create", 201, { Id: ID });
  const waiting = engine.on(`POST /containers/${ID}/wait`);
  const attaching = engine.on(`POST /containers/${ID}/attach`);
  const starting = engine.on(`POST /containers/${ID}/start`);
  const wait = (await waiting).acknowledge();
  const attached = (await attaching).upgrade();
  // Reaping in passing follows the start.
  const reaping = engine.on("GET /containers/json");
  (await starting).reply(204);
  (await reaping).reply(200, []);
  (await engine.whenever("GET /volumes")).reply(200, { Volumes: [] });
  wait.end(JSON.stringify({ StatusCode: 0 }));
  attached.end();
}

test("runs an image of an unknown app with nine requests over three connections", async () => {
  await using engine = await fakeEngine();
  engine.on("GET /containers/json", 200, []);
  const [result] = await Promise.all([start(engine, "run", "--image", "busybox", "x", "true"), answerRun(engine)]);
  expect(result).toEqual({ code: 0, err: "" });
  expect(routes(engine)).toEqual([
    "GET /containers/json",
    "GET /services",
    "GET /images/busybox/json",
    "POST /containers/create",
    `POST /containers/${ID}/wait`,
    `POST /containers/${ID}/attach`,
    `POST /containers/${ID}/start`,
    "GET /containers/json",
    "GET /volumes",
  ]);
  expect(engine.connections).toBe(3);
});

test("executes a command with four requests over two connections", async () => {
  await using engine = await fakeEngine();
  const name = "x.run.7364";
  const labels = { [LABEL.kind]: "run", [LABEL.name]: "run.7364", [LABEL.app]: "x", [LABEL.container]: name };
  const container = { Id: ID, Names: [`/${name}`], State: "running", Status: "Up", Created: 1, Labels: labels };
  engine.on("GET /containers/json", 200, [container]);
  engine.on(`POST /containers/${ID}/exec`, 201, { Id: "e" });
  const started = engine.on("POST /exec/e/start");
  engine.on("GET /exec/e/json", 200, { Running: false, ExitCode: 0, Pid: 7 });
  const result = start(engine, "exec", ID, "true");
  started.then((exchange) => exchange.upgrade().end());
  expect(await result).toEqual({ code: 0, err: "" });
  expect(routes(engine)).toEqual([
    "GET /containers/json",
    `POST /containers/${ID}/exec`,
    "POST /exec/e/start",
    "GET /exec/e/json",
  ]);
  expect(engine.connections).toBe(2);
});
