import { expect, test } from "vitest";
import { startContainer } from "../../../src/engine/containers.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { waitContainer } from "../../../src/engine/wait.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

const transportTo = (socketPath: string) =>
  openTransport(() => ({ socketPath, from: "--host" }), { timeoutsMs: { removedExit: 100 } });

test("returns when a wait is acknowledged, before the container exits", async () => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  const held = engine.on("POST /containers/c/wait");
  let acknowledged = false;
  const waiting = waitContainer(transport, "c", "next-exit").then((wait) => {
    acknowledged = true;
    return wait;
  });
  const exchange = await held;
  expect(exchange.line).toBe("POST /containers/c/wait?condition=next-exit");
  // After another complete request, an answer without a head would have been accepted.
  engine.on("POST /containers/c/start", 204);
  await startContainer(transport, "c");
  expect(acknowledged).toBe(false);

  const answer = exchange.acknowledge();
  const { exit } = await waiting;
  expect(await Promise.race([exit, "still waiting"])).toBe("still waiting");
  answer.end('{"StatusCode":7,"Error":null}');
  expect(await exit).toEqual({ StatusCode: 7, Error: null });
});

test("rejects a refused wait at once", async () => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  engine.on("POST /containers/c/wait", 404, { message: "No such container: c" });
  await expect(waitContainer(transport, "c", "next-exit")).rejects.toMatchObject({
    status: 404,
    message: "No such container: c",
  });
});

test.each([
  ["ends without an answer", ""],
  ["ends in the middle of it", '{"StatusCode"'],
])("rejects a wait that %s, without an unhandled rejection", async (_what, sent) => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  const held = engine.on("POST /containers/c/wait");
  const waiting = waitContainer(transport, "c", "next-exit");
  const exchange = await held;
  const answer = exchange.acknowledge();
  const { exit } = await waiting;
  answer.write(sent || " ");
  exchange.socket.destroySoon();
  await expect(exit).rejects.toMatchObject({
    code: "wait-broken",
    message: "The connection to the engine broke before the exit code was known",
  });
});

/** A Podman with a container, which does not report its exit. */
async function deaf(State: object) {
  const engine = await fakeEngine({ server: "Libpod/5.8.6 (linux)" });
  const transport = transportTo(engine.socketPath);
  engine.on("POST /containers/c/start", 204);
  await startContainer(transport, "c");
  const told = engine.on("POST /containers/c/wait");
  const isIn = (State: object) => engine.on(INSPECT, 200, { Id: "c", State });
  isIn(State);
  const waiting = waitContainer(transport, "c", "next-exit");
  const answer = (await told).acknowledge();
  return { engine, transport, answer, isIn, exit: (await waiting).exit };
}
const INSPECT = "GET /containers/c/json";

test("detects an exit that Podman does not report, and ignores the previous exit", async () => {
  const { isIn, exit } = await deaf({ Status: "exited", ExitCode: 1, FinishedAt: "1" });
  isIn({ Status: "exited", ExitCode: 1, FinishedAt: "1" });
  isIn({ Status: "stopped", ExitCode: 7, FinishedAt: "2" });
  expect(await exit).toEqual({ StatusCode: 7 });
});

test("reads the exit code of a running container from Podman's own wait", async () => {
  const { engine, isIn, exit } = await deaf({ Status: "created" });
  isIn({ Status: "initialized" });
  isIn({ Status: "running" });
  const own = engine.on("POST /libpod/containers/c/wait", 200, 3);
  expect(await exit).toEqual({ StatusCode: 3 });
  expect((await own).line).toBe("POST /libpod/containers/c/wait?interval=1s");
});

test("uses Podman's first answer, and aborts the other wait", async () => {
  const { engine, isIn, answer, exit } = await deaf({ Status: "created" });
  isIn({ Status: "running" });
  const own = engine.on("POST /libpod/containers/c/wait");
  const { socket } = await own;
  answer.end('{"StatusCode":4}');
  expect(await exit).toEqual({ StatusCode: 4 });
  await new Promise((resolve) => socket.once("close", resolve));
});

test("fails after a while if the exit code of a removed container is unknown", async () => {
  const { engine, exit } = await deaf({ Status: "created" });
  engine.on(INSPECT, 404, { message: "no such container" });
  await expect(exit).rejects.toMatchObject({ code: "exit-unknown" });
});
