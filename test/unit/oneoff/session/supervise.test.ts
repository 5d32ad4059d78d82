import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { timedOut } from "../../../../src/errors/session.ts";
import { fakeTerminal } from "../../../support/fake-terminal.ts";
import { frame } from "../../../support/frame.ts";
import {
  ATTACH,
  atTerminal,
  CREATE,
  INSPECT,
  KILL,
  REMOVE,
  RENAME,
  running,
  type Scene,
  START,
  STOP,
  scene,
  WAIT,
} from "../../../support/session-scene.ts";
import { SlowOutput } from "../../../support/slow-output.ts";

const stopping = (reason: string) => ({ type: "stopping", name: "run.1000", reason, stopTimeout: 10 });
const LEFT = { type: "still-running", name: "run.1000" };
const RUNNING = { type: "running", app: "my-app", name: "run.1000" };

/** Events of interest. */
const reported = (s: Scene) => s.events.filter(({ type }) => type !== "running" && type !== "detached");

describe("a terminal that closes", () => {
  /** All signs of a closed terminal, one after another. */
  const hangUp = (s: Scene) => {
    s.terminal.stdin.end();
    s.terminal.signal("SIGHUP");
  };

  test("stops the one-off by default when the terminal closes", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code, socket, exit } = await running(s);
    const [stop, kill] = [s.engine.on(STOP, 204), s.engine.on(KILL, 204)];
    hangUp(s);
    expect((await stop).query).toEqual({ t: "10" });
    expect((await kill).query).toEqual({ signal: "SIGHUP" });
    socket.end();
    exit(129);
    expect(await code).toBe(129);
    expect(reported(s)).toEqual([stopping("hangup")]);
  });

  test("stops the one-off once with on-disconnect stop", async () => {
    await using s = await scene({ terminal: atTerminal(), options: { onDisconnect: "stop" } });
    const { code, socket, exit } = await running(s);
    const stop = s.engine.on(STOP, 204);
    hangUp(s);
    await stop;
    await s.settle();
    socket.end();
    exit(143);
    expect(await code).toBe(143);
    expect(reported(s)).toEqual([stopping("hangup")]);
    expect(s.journal.entries.map(({ event }) => event)).toContain("stopping");
  });

  test("leaves the one-off running with on-disconnect keep", async () => {
    await using s = await scene({ terminal: atTerminal(), options: { onDisconnect: "keep" } });
    const { code } = await running(s);
    const rename = s.engine.on(RENAME, 204);
    hangUp(s);
    expect(await code).toBe(129);
    expect((await rename).query).toEqual({ name: "my-app.run.1000.left" });
    expect(s.events).toEqual([RUNNING, LEFT]);
    expect(s.routes).not.toContain(STOP);
    expect(s.routes).not.toContain(REMOVE);
  });

  test("sends one SIGHUP and leaves the one-off running with on-disconnect hup", async () => {
    await using s = await scene({ terminal: atTerminal(), options: { onDisconnect: "hup" } });
    const { code } = await running(s);
    const kill = s.engine.on(KILL);
    hangUp(s);
    const held = await kill;
    expect(held.query).toEqual({ signal: "SIGHUP" });
    await s.settle();
    // It is left after the signal was sent.
    expect(await Promise.race([code, "running"])).toBe("running");
    s.engine.on(RENAME, 204);
    held.reply(204);
    expect(await code).toBe(129);
    expect(s.events).toEqual([RUNNING, LEFT]);
  });

  test("ignores that the one-off has exited when SIGHUP is sent", async () => {
    await using s = await scene({ terminal: atTerminal(), options: { onDisconnect: "hup" } });
    const { code } = await running(s);
    s.engine.on(KILL, 409, { message: "container c is not running" });
    s.engine.on(RENAME, 404, { message: "No such container: c" });
    hangUp(s);
    expect(await code).toBe(129);
    expect(s.events).toEqual([RUNNING, LEFT]);
  });

  test.each([
    ["keep", 129],
    ["stop", 143],
  ] as const)(
    "applies on-disconnect %s when the terminal closes during a write, and returns %i",
    async (onDisconnect, exitCode) => {
      const stdout = new SlowOutput();
      const size = { rows: 24, columns: 80 };
      const terminal = fakeTerminal({ input: "terminal", outputIsTerminal: true, size }, { stdout });
      await using s = await scene({ terminal, options: { onDisconnect } });
      const { code, socket, exit } = await running(s);
      s.engine.on(onDisconnect === "keep" ? RENAME : STOP, 204);
      socket.write("tick\r\n");
      await expect.poll(() => stdout.writableLength).toBeGreaterThan(0);
      stdout.breakWith("EIO");
      hangUp(s);
      if (onDisconnect === "stop") {
        await s.settle();
        socket.end();
        exit(143);
      }
      expect(await code).toBe(exitCode);
      expect(reported(s)).toEqual(onDisconnect === "keep" ? [LEFT] : [stopping("hangup")]);
    },
  );

  test("handles SIGHUP when the one-off has no TTY", async () => {
    await using s = await scene({ options: { onDisconnect: "keep" } });
    const { code } = await running(s);
    s.engine.on(RENAME, 204);
    s.terminal.signal("SIGHUP");
    expect(await code).toBe(129);
    expect(s.events).toEqual([LEFT]);
  });

  test("forwards other signals to the command with on-disconnect", async () => {
    await using s = await scene({ options: { onDisconnect: "keep" } });
    const { code, socket, exit } = await running(s);
    const kill = s.engine.on(KILL, 204);
    s.terminal.signal("SIGTERM");
    expect((await kill).query).toEqual({ signal: "SIGTERM" });
    socket.end();
    exit(143);
    expect(await code).toBe(143);
  });
});

describe("a detached one-off that is followed", () => {
  const followed = () => scene({ options: { detach: true } });

  test("reports the start, then writes its output and returns the exit code", async () => {
    await using s = await followed();
    const { code, socket, exit } = await running(s);
    socket.end(frame(1, "hello\n"));
    exit(7);
    expect(await code).toBe(7);
    expect(s.terminal.out).toBe("hello\n");
    expect(s.events).toEqual([{ type: "detached", name: "run.1000" }]);
    expect(s.engine.requests.find(({ path }) => path.endsWith("/attach"))?.query).not.toHaveProperty("stdin");
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGQUIT", 131],
  ] as const)("leaves a followed one-off running on %s, returns %i and keeps its name", async (signal, exit) => {
    await using s = await followed();
    const { code } = await running(s);
    s.terminal.signal(signal);
    expect(await code).toBe(exit);
    expect(reported(s)).toEqual([LEFT]);
    for (const route of [KILL, STOP, REMOVE, RENAME]) expect(s.routes).not.toContain(route);
  });

  test("forwards signals that do not end a program", async () => {
    await using s = await followed();
    const { code, socket, exit } = await running(s);
    const kill = s.engine.on(KILL, 204);
    s.terminal.signal("SIGUSR1");
    expect((await kill).query).toEqual({ signal: "SIGUSR1" });
    socket.end();
    exit(0);
    expect(await code).toBe(0);
  });

  test.each([
    ["EPIPE", 141, undefined],
    ["ENOSPC", undefined, "Cannot write to stdout: write ENOSPC; the command is still running"],
  ])("leaves a followed one-off running when the reader closes the output: %s", async (why, exit, message) => {
    const stdout = new SlowOutput();
    await using s = await scene({ terminal: fakeTerminal({}, { stdout }), options: { detach: true } });
    const { code, socket } = await running(s);
    socket.write(frame(1, "more"));
    await expect.poll(() => stdout.writableLength).toBeGreaterThan(0);
    stdout.breakWith(why);
    if (exit !== undefined) expect(await code).toBe(exit);
    else expect(await code).toMatchObject({ code: "output-failed", message });
    // As in a shell, no message is printed.
    expect(reported(s)).toEqual([]);
    expect(s.routes).not.toContain(STOP);
  });
});

describe("a one-off with a timeout", () => {
  const brief = { options: { timeout: 0.2 } };

  test("stops the one-off after its timeout and exits with 124, whatever its exit code", async () => {
    await using s = await scene(brief);
    const stop = s.engine.on(STOP, 204);
    const { code, socket, exit } = await running(s);
    expect((await stop).query).toEqual({ t: "10" });
    socket.end(frame(1, "bye"));
    exit(0);
    expect(await code).toMatchObject({
      ...{ code: "timed-out", exit: 124, message: "run.1000 was stopped: timeout of 0.2 s exceeded" },
    });
    expect(s.terminal.out).toBe("bye");
    expect(s.events).toEqual([stopping("timeout")]);
    expect(s.routes).not.toContain(REMOVE);
  });

  test("starts the timeout with the command, not with the container", async () => {
    await using s = await scene(brief);
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait, start] = [s.engine.on(ATTACH), s.engine.on(WAIT), s.engine.on(START)];
    const code = s.run();
    const socket = (await attach).upgrade();
    const answer = (await wait).acknowledge();
    const held = await start;
    await pause(300);
    expect(s.routes).not.toContain(STOP);
    held.reply(204);
    socket.end();
    answer.end('{"StatusCode":0}');
    expect(await code).toBe(0);
  });

  test("fails when the engine does not know the exit code after a timeout, and keeps the container", async () => {
    await using s = await scene(brief);
    const stop = s.engine.on(STOP, 204);
    const { code, socket, exit } = await running(s);
    await stop;
    socket.end();
    exit(0, { Message: "it broke" });
    expect(await code).toMatchObject({ code: "exit-unknown" });
    expect(s.routes).not.toContain(REMOVE);
  });

  test("stops a followed one-off after its timeout", async () => {
    await using s = await scene({ options: { timeout: 0.2, detach: true } });
    const stop = s.engine.on(STOP, 204);
    const { code, socket, exit } = await running(s);
    await stop;
    socket.end();
    exit(143);
    expect(await code).toMatchObject({ code: "timed-out", exit: 124 });
  });
});

test.each([
  ["run.1000", "oneoff run --timeout 2s …"],
  ["cron.k3v9x2qa.1000", "oneoff cron:run --timeout 2s …"],
])("names the command that gives %s more time", (name, next) => expect(timedOut(name, 1).next).toBe(next));

describe("a one-off with a memory limit", () => {
  const EVENTS = "GET /events";
  const limited = async () => {
    const s = await scene({ options: { memory: 64 * 1024 ** 2 } });
    const watching = s.engine.on(EVENTS);
    const run = running(s);
    const events = await watching;
    expect(JSON.parse(events.query.filters ?? "")).toEqual({ container: ["c"], event: ["oom"] });
    const answer = events.acknowledge();
    return { s, answer, ...(await run) };
  };

  test.each([
    [137, true],
    // Only one of its processes was killed, and the command continued.
    [3, false],
  ])("reports out of memory after exit code %i: %s", async (status, isReported) => {
    const { s, answer, code, socket, exit } = await limited();
    await using _scene = s;
    answer.write('{"Action":"oom"}\n');
    await s.settle();
    socket.end();
    exit(status);
    expect(await code).toBe(status);
    expect(s.events).toEqual(isReported ? [{ type: "oom-killed", name: "run.1000", memoryLimit: 64 * 1024 ** 2 }] : []);
  });

  test("reports out of memory when the event follows the exit", async () => {
    const { s, answer, code, socket, exit } = await limited();
    await using _scene = s;
    socket.end();
    exit(137);
    await s.settle();
    answer.write('{"Action":"oom"}\n');
    expect(await code).toBe(137);
    expect(s.events).toEqual([{ type: "oom-killed", name: "run.1000", memoryLimit: 64 * 1024 ** 2 }]);
  });

  test("does not report out of memory for another SIGKILL", async () => {
    const { s, code, socket, exit } = await limited();
    await using _scene = s;
    socket.end();
    exit(137);
    expect(await code).toBe(137);
    expect(s.events).toEqual([]);
  });
});

test("writes no output and reports no broken stream after the one-off was left", async () => {
  await using s = await scene({ options: { onDisconnect: "keep" } });
  const { code, socket } = await running(s);
  const rename = s.engine.on(RENAME);
  socket.write(frame(1, "half", 8));
  await expect.poll(() => s.terminal.out).toBe("half");
  s.terminal.signal("SIGHUP");
  const held = await rename;
  socket.write("late");
  await s.settle();
  held.reply(204);
  expect(await code).toBe(129);
  expect(s.terminal.out).toBe("half");
  expect(s.events).toEqual([LEFT]);
});

test("does not inspect a one-off that was left when its engine is lost afterwards", async () => {
  await using s = await scene({ terminal: atTerminal() });
  const { code, socket, waiting } = await running(s);
  s.engine.on(RENAME, 204);
  s.terminal.stdin.write("\x10\x11");
  expect(await code).toBe(0);
  socket.destroy();
  waiting.destroy();
  await s.settle();
  expect(s.routes).not.toContain(INSPECT);
});

describe("an engine that does not respond", () => {
  test("does not wait for the rename when the one-off is left", async () => {
    await using s = await scene({ terminal: atTerminal(), timeoutsMs: { leave: 200 } });
    const { code } = await running(s);
    const rename = s.engine.on(RENAME);
    s.terminal.stdin.write("\x10\x11");
    await rename;
    expect(await code).toBe(0);
  });

  test("does not wait for the signal when the terminal has closed", async () => {
    await using s = await scene({
      terminal: atTerminal(),
      options: { onDisconnect: "hup" },
      timeoutsMs: { leave: 200 },
    });
    const { code } = await running(s);
    const [kill, rename] = [s.engine.on(KILL), s.engine.on(RENAME)];
    s.terminal.stdin.end();
    expect(await code).toBe(129);
    await Promise.all([kill, rename]);
  });
});
