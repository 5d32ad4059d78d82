import { describe, expect, onTestFinished, test } from "vitest";
import { runPhase } from "../../../../src/deploy/phases/phase.ts";
import type { PhaseRequest } from "../../../../src/deploy/phases/phase-spec.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { OneoffError } from "../../../../src/errors/error.ts";
import type { Event } from "../../../../src/output/events.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { fakeTerminal } from "../../../support/fake-terminal.ts";
import { frame } from "../../../support/frame.ts";
import { QUICK_TIMEOUTS_MS } from "../../../support/quick-timeouts.ts";
import { ATTACH, CREATE, INSPECT, REMOVE, START, STOP, WAIT } from "../../../support/session-scene.ts";

const IMAGE = { Id: "sha256:i", Config: { Env: ["A=1"], Cmd: ["x"], Labels: null }, RootFS: { Layers: ["sha256:l"] } };
const NAME = "a.release.1000";

/** A phase of app `a` in container `c`. */
async function scene(overrides: Partial<PhaseRequest> = {}) {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }), {
    timeoutsMs: QUICK_TIMEOUTS_MS,
  });
  const terminal = fakeTerminal({ input: "terminal", outputIsTerminal: true, size: { rows: 2, columns: 2 } });
  const events: Event[] = [];
  const context = { engine: transport, terminal, report: (event: Event) => events.push(event) };
  const app = { name: "a", env: new Map([["TOKEN", "hunter2"]]), settings: {} };
  const request = { app, phase: "release", command: "./go hunter2", release: 7, image: "img", ...overrides } as const;
  engine.on("GET /images/img/json", 200, IMAGE);
  onTestFinished(async () => {
    expect(terminal.listeners).toBe(0);
    await transport[Symbol.asyncDispose]();
  });
  const outcome = () =>
    runPhase({ ...context, random: () => 0, owner: { self: "me", isAlive: () => true } }, request).catch(
      (error: OneoffError) => error,
    );
  return {
    engine,
    terminal,
    events,
    outcome,
    /** Runs the phase up to its start. */
    async start() {
      const create = engine.on(CREATE, 201, { Id: "c" });
      const [attach, wait, start] = [engine.on(ATTACH), engine.on(WAIT), engine.on(START)];
      const result = outcome();
      const socket = (await attach).upgrade();
      const waiting = await wait;
      const answer = waiting.acknowledge();
      (await start).reply(204);
      return {
        result,
        create: await create,
        attach: await attach,
        socket,
        waiting: waiting.socket,
        exit(StatusCode: number) {
          socket.end();
          answer.end(JSON.stringify({ StatusCode }));
        },
      };
    },
    get routes() {
      return engine.requests.map(({ method, path }) => `${method} ${path}`);
    },
  };
}

describe("runPhase", () => {
  test("creates a container without a TTY and with a log", async () => {
    const s = await scene();
    const run = await s.start();
    s.engine.on(REMOVE, 204);
    run.exit(0);
    expect(await run.result).toEqual({});
    expect(run.create.query).toEqual({ name: NAME });
    expect(run.create.body).toMatchObject({
      ...{
        Image: "sha256:i",
        Tty: false,
        OpenStdin: false,
        AttachStdin: false,
        Env: ["TOKEN=hunter2", "DYNO=release.1000"],
      },
      Labels: {
        "dev.oneoff.app": "a",
        "dev.oneoff.name": "release.1000",
        "dev.oneoff.kind": "phase",
        "dev.oneoff.release": "7",
        "dev.oneoff.command": "./go ***",
        "dev.oneoff.owner": "me",
      },
      HostConfig: { AutoRemove: false, LogConfig: { Type: "local" } },
    });
    expect(run.attach.query).toEqual({ stream: "1", stdout: "1", stderr: "1" });
  });

  test("reports output as events and prints nothing", async () => {
    const s = await scene();
    const run = await s.start();
    s.engine.on(REMOVE, 204);
    run.socket.write(frame(1, "out\nan"));
    run.socket.write(frame(2, "err\n"));
    run.socket.write(frame(1, "d on"));
    run.exit(0);
    await run.result;
    const line = (stream: string, text: string) => ({ type: "phase-output", phase: "release", stream, text });
    expect(s.events).toEqual([line("stdout", "out"), line("stderr", "err"), line("stdout", "and on")]);
    expect([s.terminal.out, s.terminal.err]).toEqual(["", ""]);
  });

  test("fails with the last lines and keeps the container", async () => {
    const s = await scene();
    const run = await s.start();
    run.socket.write(frame(1, "one\ntwo\n"));
    run.exit(3);
    expect(await run.result).toMatchObject({
      ...{
        code: "phase-failed",
        kind: "failed",
        exit: undefined,
        exitCode: 3,
        container: NAME,
        output: ["one", "two"],
      },
      message: `The release phase of a failed: exit code 3: ./go ***\n  one\n  two\ncontainer kept for inspection: ${NAME}`,
      next: "oneoff run --phase release a",
    });
    expect(s.routes).not.toContain(REMOVE);
  });

  test("keeps the container if the connection to the engine is lost", async () => {
    const s = await scene();
    const run = await s.start();
    s.engine.on(INSPECT, 200, { State: { Running: true } });
    run.socket.destroy();
    run.waiting.destroy();
    expect(await run.result).toMatchObject({
      code: "engine-lost",
      message: expect.stringMatching(
        /^The release phase of a: The connection to the engine was lost, .*a\.release\.1000 is still running$/,
      ),
      next: `docker logs ${NAME}, then deploy again`,
    });
    expect(s.routes).not.toContain(REMOVE);
  });

  test("removes the container after a malformed stream", async () => {
    const s = await scene();
    const run = await s.start();
    s.engine.on(REMOVE, 204);
    s.engine.on(REMOVE, 404, { message: "No such container" });
    run.socket.write("Usage: go [options]\n");
    expect(await run.result).toMatchObject({ code: "bad-frame" });
  });

  test("does not start after a signal", async () => {
    const s = await scene();
    const create = s.engine.on(CREATE);
    const result = s.outcome();
    const exchange = await create;
    s.terminal.signal("SIGTERM");
    s.engine.on(REMOVE, 204);
    exchange.reply(201, { Id: "c" });
    expect(await result).toMatchObject({ code: "signalled", exit: 143 });
    expect(s.routes.at(-1)).toBe(REMOVE);
    expect(s.routes).not.toContain(START);
  });

  test("stops on a fatal signal and forwards others", async () => {
    const s = await scene();
    const run = await s.start();
    const kill = s.engine.on("POST /containers/c/kill", 204);
    s.terminal.signal("SIGUSR1");
    expect((await kill).query).toEqual({ signal: "SIGUSR1" });
    const stop = s.engine.on(STOP, 204);
    s.terminal.signal("SIGHUP");
    expect((await stop).query).toEqual({ t: "10" });
    s.engine.on(REMOVE, 204);
    run.exit(0);
    expect(await run.result).toMatchObject({
      ...{ code: "signalled", exit: 129 },
      message: "Terminated by SIGHUP in the release phase of a; its container was removed",
    });
  });

  test("rejects a command that the entrypoint cannot run before create", async () => {
    const engine = await fakeEngine();
    const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
    engine.on("GET /images/img/json", 200, { Id: "i", Config: { Entrypoint: ["/entry"] } });
    const context = { engine: transport, terminal: fakeTerminal(), report: () => {}, random: () => 0 };
    const app = { name: "a", env: new Map(), settings: {} };
    const request = { app, phase: "release", command: "a && b", release: 1, image: "img" } as const;
    const running = runPhase({ ...context, owner: { self: "me", isAlive: () => true } }, request);
    await expect(running).rejects.toMatchObject({ code: "phase-needs-shell" });
    await transport[Symbol.asyncDispose]();
  });
});

describe("predeploy", () => {
  const predeploy = async () => {
    const s = await scene({ phase: "predeploy" });
    const run = await s.start();
    const answerRemoved = (tag: string) =>
      s.engine.on(`DELETE /images/oneoff/a:${tag}`, 404, { message: "No such image" });
    answerRemoved("oneoff-draft");
    answerRemoved("oneoff-predeploy");
    return { s, run };
  };

  test("commits the files of predeploy with the original Config", async () => {
    const { s, run } = await predeploy();
    const commit = s.engine.on("POST /commit", 201, { Id: "sha256:d" });
    s.engine.on("GET /images/oneoff/a:oneoff-draft/json", 200, {
      Id: "sha256:d",
      RootFS: { Layers: ["sha256:l", "sha256:m"] },
    });
    s.engine.on("GET /images/sha256:d/history", 200, [
      { Created: 0, CreatedBy: "sh -c hunter2", Comment: "", Size: 1 },
    ]);
    const load = s.engine.on("POST /images/load", 200, {});
    s.engine.on("GET /images/oneoff/a:oneoff-predeploy/json", 200, { Id: "sha256:p" });
    s.engine.on("DELETE /images/oneoff/a:oneoff-draft", 200, []);
    s.engine.on(REMOVE, 204);
    run.exit(0);
    expect(await run.result).toEqual({ imageId: "sha256:p" });
    expect((await commit).query).toEqual({ container: "c", repo: "oneoff/a", tag: "oneoff-draft", pause: "0" });
    const archive = (await load).body.toString();
    expect(archive).toContain(JSON.stringify({ config: IMAGE.Config }).slice(1, -1));
    expect(archive).toContain('"diff_ids":["sha256:l","sha256:m"]');
    expect(archive).not.toContain("hunter2");
  });

  test("removes image and container if the commit of predeploy cannot be replaced", async () => {
    const { s, run } = await predeploy();
    s.engine.on("POST /commit", 201, { Id: "sha256:d" });
    s.engine.on("GET /images/oneoff/a:oneoff-draft/json", 200, { Id: "sha256:d" });
    s.engine.on("GET /images/sha256:d/history", 500, { message: "it broke" });
    s.engine.on("DELETE /images/oneoff/a:oneoff-draft", 200, []);
    s.engine.on(REMOVE, 204);
    run.exit(0);
    expect(await run.result).toMatchObject({ message: "it broke" });
  });

  test("discards the commit of predeploy after a signal", async () => {
    const { s, run } = await predeploy();
    const commit = s.engine.on("POST /commit");
    s.engine.on("GET /images/oneoff/a:oneoff-draft/json", 200, { Id: "sha256:d" });
    s.engine.on("GET /images/sha256:d/history", 200, []);
    s.engine.on("POST /images/load", 200, {});
    s.engine.on("GET /images/oneoff/a:oneoff-predeploy/json", 200, { Id: "sha256:p" });
    s.engine.on("DELETE /images/oneoff/a:oneoff-draft", 200, []);
    s.engine.on(REMOVE, 204);
    run.exit(0);
    const exchange = await commit;
    const stop = s.engine.on(STOP, 304);
    s.terminal.signal("SIGINT");
    await stop;
    exchange.reply(201, { Id: "sha256:d" });
    expect(await run.result).toMatchObject({ code: "signalled", exit: 130 });
  });
});
