import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
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

/** What is told, but for what always is. */
const told = (s: Scene) => s.events.filter(({ type }) => type !== "running" && type !== "detached");

describe("our terminal goes", () => {
  /** All the ways in which that is noticed, one after the other. */
  const hangUp = (s: Scene) => {
    s.terminal.stdin.end();
    s.terminal.signal("SIGHUP");
  };

  test("and the one-off is stopped, and told of it too, when nothing was asked for", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code, socket, exit } = await running(s);
    const [stop, kill] = [s.engine.on(STOP, 204), s.engine.on(KILL, 204)];
    hangUp(s);
    expect((await stop).query).toEqual({ t: "10" });
    expect((await kill).query).toEqual({ signal: "SIGHUP" });
    socket.end();
    exit(129);
    expect(await code).toBe(129);
    expect(told(s)).toEqual([stopping("hangup")]);
  });

  test("and the one-off is stopped, once, when that was asked for", async () => {
    await using s = await scene({ terminal: atTerminal(), options: { onDisconnect: "stop" } });
    const { code, socket, exit } = await running(s);
    const stop = s.engine.on(STOP, 204);
    hangUp(s);
    await stop;
    await s.settle();
    socket.end();
    exit(143);
    expect(await code).toBe(143);
    expect(told(s)).toEqual([stopping("hangup")]);
    expect(s.journal.entries.map(({ event }) => event)).toContain("stopping");
  });

  test("and the one-off runs on, when it is to be kept", async () => {
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

  test("and the one-off is told, once, and runs on", async () => {
    await using s = await scene({ terminal: atTerminal(), options: { onDisconnect: "hup" } });
    const { code } = await running(s);
    const kill = s.engine.on(KILL);
    hangUp(s);
    const held = await kill;
    expect(held.query).toEqual({ signal: "SIGHUP" });
    await s.settle();
    // It is left when it has been told.
    expect(await Promise.race([code, "running"])).toBe("running");
    s.engine.on(RENAME, 204);
    held.reply(204);
    expect(await code).toBe(129);
    expect(s.events).toEqual([RUNNING, LEFT]);
  });

  test("and the one-off, which is to be told, has ended meanwhile", async () => {
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
  ] as const)("while it is being written to, and %s is what counts", async (onDisconnect, exitCode) => {
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
    expect(told(s)).toEqual(onDisconnect === "keep" ? [LEFT] : [stopping("hangup")]);
  });

  test("which a one-off without one hears of by a signal", async () => {
    await using s = await scene({ options: { onDisconnect: "keep" } });
    const { code } = await running(s);
    s.engine.on(RENAME, 204);
    s.terminal.signal("SIGHUP");
    expect(await code).toBe(129);
    expect(s.events).toEqual([LEFT]);
  });

  test("and other signals are the command's, whatever is to become of it then", async () => {
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

describe("one that is detached and followed", () => {
  const followed = () => scene({ options: { detach: true } });

  test("is told of once it runs, and its output and code are ours", async () => {
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
  ] as const)("runs on when %s ends us, with %i, under the name it has", async (signal, exit) => {
    await using s = await followed();
    const { code } = await running(s);
    s.terminal.signal(signal);
    expect(await code).toBe(exit);
    expect(told(s)).toEqual([LEFT]);
    for (const route of [KILL, STOP, REMOVE, RENAME]) expect(s.routes).not.toContain(route);
  });

  test("is sent the signals that end nothing", async () => {
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
    ["ENOSPC", undefined, "Cannot write to stdout: write ENOSPC; the command runs on"],
  ])("runs on when nobody reads it any more: %s", async (why, exit, message) => {
    const stdout = new SlowOutput();
    await using s = await scene({ terminal: fakeTerminal({}, { stdout }), options: { detach: true } });
    const { code, socket } = await running(s);
    socket.write(frame(1, "more"));
    await expect.poll(() => stdout.writableLength).toBeGreaterThan(0);
    stdout.breakWith(why);
    if (exit !== undefined) expect(await code).toBe(exit);
    else expect(await code).toMatchObject({ code: "output-failed", message });
    // As in a shell, nothing is said of it.
    expect(told(s)).toEqual([]);
    expect(s.routes).not.toContain(STOP);
  });
});

describe("one whose time has come", () => {
  const brief = { options: { timeout: 0.2 } };

  test("is stopped, and 124 says so, whatever its code", async () => {
    await using s = await scene(brief);
    const stop = s.engine.on(STOP, 204);
    const { code, socket, exit } = await running(s);
    expect((await stop).query).toEqual({ t: "10" });
    socket.end(frame(1, "bye"));
    exit(0);
    expect(await code).toMatchObject({
      ...{ code: "timed-out", exit: 124, message: "run.1000 was stopped: it took longer than 0.2 s" },
    });
    expect(s.terminal.out).toBe("bye");
    expect(s.events).toEqual([stopping("timeout")]);
    expect(s.routes).not.toContain(REMOVE);
  });

  test("which begins with its start, not with its container", async () => {
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

  test("and that the engine cannot tell the end of is an error, and not removed", async () => {
    await using s = await scene(brief);
    const stop = s.engine.on(STOP, 204);
    const { code, socket, exit } = await running(s);
    await stop;
    socket.end();
    exit(0, { Message: "it broke" });
    expect(await code).toMatchObject({ code: "exit-unknown" });
    expect(s.routes).not.toContain(REMOVE);
  });

  test("and that is followed is stopped too", async () => {
    await using s = await scene({ options: { timeout: 0.2, detach: true } });
    const stop = s.engine.on(STOP, 204);
    const { code, socket, exit } = await running(s);
    await stop;
    socket.end();
    exit(143);
    expect(await code).toMatchObject({ code: "timed-out", exit: 124 });
  });
});

describe("one with a limit to its memory", () => {
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
    // One of its processes was killed, and it made the best of it.
    [3, false],
  ])("that was short of it, and ended with %i: told is %s", async (status, isTold) => {
    const { s, answer, code, socket, exit } = await limited();
    await using _scene = s;
    answer.write('{"Action":"oom"}\n');
    await s.settle();
    socket.end();
    exit(status);
    expect(await code).toBe(status);
    expect(s.events).toEqual(isTold ? [{ type: "oom-killed", name: "run.1000", memoryLimit: 64 * 1024 ** 2 }] : []);
  });

  test("of which that is told after its end is said to have been short of it", async () => {
    const { s, answer, code, socket, exit } = await limited();
    await using _scene = s;
    socket.end();
    exit(137);
    await s.settle();
    answer.write('{"Action":"oom"}\n');
    expect(await code).toBe(137);
    expect(s.events).toEqual([{ type: "oom-killed", name: "run.1000", memoryLimit: 64 * 1024 ** 2 }]);
  });

  test("that was killed for another reason is not said to have been short of it", async () => {
    const { s, code, socket, exit } = await limited();
    await using _scene = s;
    socket.end();
    exit(137);
    expect(await code).toBe(137);
    expect(s.events).toEqual([]);
  });
});

test("what comes after a one-off was left is not shown, and how its stream ends is nobody's concern", async () => {
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

test("a one-off that was left is not asked about when its engine goes away afterwards", async () => {
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

describe("an engine that does not answer", () => {
  test("is not waited for when the one-off is left", async () => {
    await using s = await scene({ terminal: atTerminal(), timeoutsMs: { leave: 200 } });
    const { code } = await running(s);
    const rename = s.engine.on(RENAME);
    s.terminal.stdin.write("\x10\x11");
    await rename;
    expect(await code).toBe(0);
  });

  test("is not waited for when our terminal has gone", async () => {
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
