import { Buffer } from "node:buffer";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import { type ExecSpec, runExec } from "../../../../src/oneoff/session/exec.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { fakeTerminal } from "../../../support/fake-terminal.ts";
import { frame } from "../../../support/frame.ts";
import { readHalf } from "../../../support/read-half.ts";
import { atTerminal } from "../../../support/session-scene.ts";
import { SlowOutput } from "../../../support/slow-output.ts";

const CREATE = "POST /containers/c/exec";
const START = "POST /exec/e/start";
const INSPECT = "GET /exec/e/json";
const RESIZE = "POST /exec/e/resize";

const plain: ExecSpec = { argv: ["true"], env: new Map(), tty: false, stdin: false };

async function scene(spec: Partial<ExecSpec> = {}, terminal = fakeTerminal(), server?: string) {
  const engine = await fakeEngine(server === undefined ? {} : { server });
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const context = { engine: transport, terminal, detachKeys: Buffer.from("\x10\x11") };
  onTestFinished(() => {
    expect({ listeners: terminal.listeners, raw: terminal.isRaw }).toEqual({ listeners: 0, raw: false });
  });
  const run = () =>
    runExec(context, { id: "c", name: "run.7364", containerName: "my-app.run.7364" }, { ...plain, ...spec }).catch(
      (error: unknown) => error,
    );
  return {
    engine,
    terminal,
    run,
    /** Up to the point where the command runs. */
    async running() {
      const create = engine.on(CREATE, 201, { Id: "e" });
      const start = engine.on(START);
      const resized = spec.tty && terminal.size() && engine.on(RESIZE, 200);
      const code = run();
      const socket = (await start).upgrade();
      await resized;
      return { code, socket, created: (await create).body, started: (await start).body };
    },
    ended: (ExitCode: number | null, Running = false, Pid = 205) => engine.on(INSPECT, 200, { Running, ExitCode, Pid }),
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

/** Detach keys for the engine that cannot be typed. */
const DetachKeys = "ctrl-^,ctrl-@,ctrl-^,ctrl-@,ctrl-^,ctrl-@";

describe("requests to create an exec", () => {
  test("creates an exec without a TTY", async () => {
    await using s = await scene();
    const { code, socket, created, started } = await s.running();
    s.ended(0);
    socket.end();
    expect(await code).toBe(0);
    expect(created).toEqual({
      ...{ Cmd: ["true"], Env: [], Tty: false, AttachStdin: false, AttachStdout: true, AttachStderr: true },
      DetachKeys,
    });
    expect(started).toEqual({ Detach: false, Tty: false });
    expect(s.engine.lines).toEqual([CREATE, START, INSPECT]);
  });

  test("creates an exec with a TTY and all options", async () => {
    const env = new Map([["A", "1"]]);
    const options = { argv: ["ps", "ax"], env, user: "app", workdir: "/srv", tty: true, stdin: true };
    await using s = await scene(options, atTerminal());
    const { code, socket, created, started } = await s.running();
    s.ended(0);
    socket.end();
    expect(await code).toBe(0);
    expect(created).toEqual({
      ...{ Cmd: ["ps", "ax"], Env: ["A=1"], User: "app", WorkingDir: "/srv" },
      ...{ Tty: true, AttachStdin: true, AttachStdout: true, AttachStderr: true, ConsoleSize: [24, 80], DetachKeys },
    });
    expect(started).toEqual({ Detach: false, Tty: true });
    expect(s.engine.lines).toContain(`${RESIZE}?h=24&w=80`);
  });
});

describe("the output of an exec", () => {
  test("separates stdout and stderr without a TTY and returns the exit code", async () => {
    await using s = await scene();
    const { code, socket } = await s.running();
    s.ended(7);
    socket.end(Buffer.concat([frame(1, "out"), frame(2, "err")]));
    expect(await code).toBe(7);
    expect([s.terminal.out, s.terminal.err]).toEqual(["out", "err"]);
  });

  test("writes raw output with a TTY, while the terminal is raw", async () => {
    await using s = await scene({ tty: true, stdin: true }, atTerminal());
    const { code, socket } = await s.running();
    expect(s.terminal.isRaw).toBe(true);
    s.terminal.stdin.write("ls\r");
    expect((await once(socket, "data")).toString()).toBe("ls\r");
    s.ended(0);
    socket.end("bin\r\n");
    expect(await code).toBe(0);
    expect(s.terminal.out).toBe("bin\r\n");
  });

  test("polls for the exit code when Podman records it after the output", async () => {
    await using s = await scene({}, fakeTerminal(), "Libpod/5.8.6 (linux)");
    const { code, socket } = await s.running();
    s.ended(null, true);
    s.ended(0, true);
    s.ended(null);
    s.ended(9);
    socket.end();
    expect(await code).toBe(9);
  });

  test("fails when the output of an exec ends while the command runs", async () => {
    await using s = await scene();
    const { code, socket } = await s.running();
    s.ended(null, true);
    socket.end(frame(1, "half"));
    expect(await code).toMatchObject({ code: "exec-lost" });
  });

  test("fails when the connection was lost before the command started", async () => {
    await using s = await scene();
    const { code, socket } = await s.running();
    s.ended(126, false, 0);
    socket.end();
    expect(await code).toMatchObject({
      code: "exec-lost",
      message: "The connection to the engine was lost before the command started in run.7364",
    });
  });

  test.each([
    ["of a command without output", undefined, 205],
    ["reported by Podman, which forgets the PID on exit", "Libpod/5.8.2 (linux)", 0],
  ])("returns 126 for an exec %s", async (_what, server, pid) => {
    await using s = await scene({}, fakeTerminal(), server);
    const { code, socket } = await s.running();
    s.ended(126, false, pid);
    socket.end();
    expect(await code).toBe(126);
  });

  const missing =
    'OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuch": executable file not found in $PATH: unknown';
  const user = "unable to find user nobodyx: no matching entries in passwd file";
  const range = "uids and gids must be in range 0-2147483647";
  const notDir = 'OCI runtime exec failed: exec failed: exec: "/bin/sh/x": stat /bin/sh/x: not a directory: unknown';
  test.each([
    [missing, 126, { code: "not-found", exit: 127 }],
    [missing, 127, { code: "not-found", exit: 127 }],
    [notDir, 126, { code: "not-executable", exit: 126 }],
    [user, 126, { code: "exec-failed", message: user, exit: 126 }],
    [range, 126, { code: "exec-failed", message: range, exit: 126 }],
  ])("reports that the engine could not start the command: %s", async (text, code, error) => {
    for (const tty of [false, true]) {
      await using s = await scene({ argv: ["nosuch"], tty, stdin: tty }, tty ? atTerminal() : fakeTerminal());
      const running = await s.running();
      s.ended(code);
      running.socket.end(tty ? `${text}\r\n` : frame(1, `${text}\r\n`));
      expect(await running.code).toMatchObject(error);
      expect([s.terminal.out, s.terminal.err]).toEqual(["", ""]);
    }
  });

  const reset = "Error: read unixpacket @->/proc/self/fd/13/attach: read: connection reset by peer\n";
  const noFolder = "crun: chdir to `/nosuch`: No such file or directory: OCI runtime attempted to invoke a command";
  const noProgram = "crun: executable file `nosuch` not found in $PATH: No such file or directory: OCI runtime error";
  test.each([
    [`Error: ${noFolder}\n`, 127, { code: "no-workdir", message: noFolder, exit: 126 }],
    [`Error: ${noFolder}\n${reset}`, 127, { code: "no-workdir", message: noFolder, exit: 126 }],
    [`Error: ${noProgram}\n${reset}`, 127, { code: "not-found", message: noProgram, exit: 127 }],
  ])("reports that Podman could not start the command: %s", async (text, code, error) => {
    await using s = await scene({ argv: ["nosuch"] }, fakeTerminal(), "Libpod/5.8.6 (linux)");
    const running = await s.running();
    s.ended(code);
    const [first = "", ...more] = text.split(/(?<=\n)/);
    running.socket.end(Buffer.concat([first, ...more].map((line) => frame(2, line))));
    expect(await running.code).toMatchObject(error);
    expect([s.terminal.out, s.terminal.err]).toEqual(["", ""]);
  });

  test("writes output that looks like a refusal of Podman to stderr", async () => {
    await using s = await scene();
    const running = await s.running();
    s.ended(1);
    running.socket.end(frame(2, `Error: ${noFolder}\n`));
    expect(await running.code).toBe(1);
    expect([s.terminal.out, s.terminal.err]).toEqual(["", `Error: ${noFolder}\n`]);
  });

  test("passes on output that only begins like a refusal, when it is long", async () => {
    await using s = await scene();
    const running = await s.running();
    const text = `Error: crun: ${"x".repeat(20_000)}`;
    running.socket.write(frame(2, text));
    await expect.poll(() => s.terminal.err).toBe(text);
    s.ended(0);
    running.socket.end();
    expect(await running.code).toBe(0);
  });

  test.each([
    ["with more output after it", `${missing}\r\nand more`, 126],
    ["with another exit code", `${missing}\r\n`, 1],
    ["with only its beginning", "OCI run", 0],
  ])("writes output that looks like a refusal %s", async (_what, text, code) => {
    await using s = await scene();
    const running = await s.running();
    s.ended(code);
    running.socket.end(frame(1, text));
    expect(await running.code).toBe(code);
    expect(s.terminal.out).toBe(text);
  });

  test("fails when the output of an exec is cut", async () => {
    await using s = await scene();
    const { code, socket } = await s.running();
    socket.end(frame(1, "half", 8));
    expect(await code).toMatchObject({
      code: "exec-lost",
      message: expect.stringMatching(/; the command may still be running in /),
      next: expect.stringMatching(/^oneoff exec .* ps$/),
    });
  });

  test("returns 141 without a message when the reader closes the output", async () => {
    const stdout = new SlowOutput();
    await using s = await scene({}, fakeTerminal({}, { stdout }));
    const { code, socket } = await s.running();
    socket.write(frame(1, "more"));
    await expect.poll(() => stdout.writableLength).toBeGreaterThan(0);
    stdout.breakWith("EPIPE");
    expect(await code).toBe(141);
    socket.destroy();
  });

  test("fails when the output cannot be written, without stopping the command", async () => {
    const stdout = new SlowOutput();
    await using s = await scene({}, fakeTerminal({}, { stdout }));
    const { code, socket } = await s.running();
    socket.write(frame(1, "more"));
    await expect.poll(() => stdout.writableLength).toBeGreaterThan(0);
    stdout.breakWith("ENOSPC");
    expect(await code).toMatchObject({
      code: "output-failed",
      message: "Cannot write to stdout: write ENOSPC; the command is still running",
    });
    socket.destroy();
  });
});

test("closes the stdin of the command on EOF and keeps its output open", async () => {
  await using s = await scene({ stdin: true }, fakeTerminal({ input: "stream" }));
  const { code, socket } = await s.running();
  s.terminal.stdin.end("all of it");
  expect((await readHalf(socket)).toString()).toBe("all of it");
  s.ended(0);
  socket.end(frame(1, "read"));
  expect(await code).toBe(0);
  expect(s.terminal.out).toBe("read");
});

describe("leaving an exec", () => {
  test("leaves an exec on the detach keys and returns 0", async () => {
    await using s = await scene({ tty: true, stdin: true }, atTerminal());
    const { code, socket } = await s.running();
    s.terminal.stdin.write("x\x10\x11y");
    expect(await code).toBe(0);
    expect((await readHalf(socket)).toString()).toBe("x");
    socket.end();
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGQUIT", 131],
  ] as const)("leaves an exec running on %s and returns %i", async (signal, exit) => {
    await using s = await scene();
    const { code, socket } = await s.running();
    s.terminal.signal("SIGUSR1");
    s.terminal.signal(signal);
    expect(await code).toBe(exit);
    socket.destroy();
    expect(s.engine.lines).toEqual([CREATE, START]);
  });

  test("leaves an exec when the terminal closes and returns 129", async () => {
    await using s = await scene({ tty: true, stdin: true }, atTerminal());
    const { code, socket } = await s.running();
    s.terminal.stdin.end();
    expect(await code).toBe(129);
    socket.destroy();
  });

  test("does not start an exec after a signal that arrives before the start", { timeout: 2_000 }, async () => {
    await using s = await scene();
    const create = s.engine.on(CREATE);
    const code = s.run();
    const held = await create;
    s.terminal.signal("SIGINT");
    expect(await code).toBe(130);
    held.reply(201, { Id: "e" });
    expect(s.engine.lines).toEqual([CREATE]);
  });
});

describe("an exec that cannot run", () => {
  test("fails when the container has exited meanwhile", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 409, { message: "Container c is not running" });
    expect(await s.run()).toMatchObject({
      ...{ code: "not-running", message: "run.7364 is not running: Container c is not running" },
      next: "oneoff ps --all",
    });
  });

  test("fails for a paused container and names it in the next command", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 409, { message: "Container c is paused, unpause the container before exec" });
    expect(await s.run()).toMatchObject({
      ...{ code: "paused", message: "my-app.run.7364 is paused", next: "docker unpause my-app.run.7364" },
    });
  });

  test("fails when the container was removed meanwhile", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 404, { message: "No such container: c" });
    expect(await s.run()).toMatchObject({ status: 404, message: "No such container: c" });
  });

  test.each([
    [409, "container c is not running"],
    [500, "it broke"],
  ])("fails when the engine refuses the start with %i", async (status, message) => {
    await using s = await scene({ tty: true, stdin: true }, atTerminal());
    s.engine.on(CREATE, 201, { Id: "e" });
    const start = s.engine.on(START);
    const code = s.run();
    (await start).reply(status, { message });
    expect(await code).toMatchObject({ status, message });
  });

  test.each([CREATE, START])("exits with 126 for a user that the engine refuses at %s", async (line) => {
    await using s = await scene();
    const message = "unable to find user nosuch: no matching entries in passwd file";
    if (line === START) s.engine.on(CREATE, 201, { Id: "e" });
    const refused = s.engine.on(line);
    const code = s.run();
    (await refused).reply(400, { message });
    expect(await code).toMatchObject({ code: "exec-failed", message, exit: 126, next: "check --user and --workdir" });
  });

  test("fails when the engine is lost", async () => {
    await using s = await scene();
    const { code, socket } = await s.running();
    socket.end(frame(1, "so far"));
    await s.engine.vanish();
    expect(await code).toMatchObject({ code: "exec-lost" });
    expect(s.terminal.out).toBe("so far");
  });
});
