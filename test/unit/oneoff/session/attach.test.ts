import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { toOneoff } from "../../../../src/oneoff/lookup/oneoff.ts";
import { details, oneoffOf } from "../../../support/deployed.ts";
import type { Exchange } from "../../../support/fake-engine.ts";
import { fakeTerminal } from "../../../support/fake-terminal.ts";
import { frame } from "../../../support/frame.ts";
import { LoggedContainer } from "../../../support/logged-container.ts";
import {
  ATTACH,
  atTerminal,
  INSPECT,
  KILL,
  LOGS,
  REMOVE,
  RENAME,
  RESIZE,
  type Scene,
  STOP,
  scene,
  WAIT,
} from "../../../support/session-scene.ts";
import { SlowOutput } from "../../../support/slow-output.ts";

const oneoff = (fields: Partial<ContainerSummary> = {}) => toOneoff({ ...oneoffOf("my-app"), Id: "c", ...fields });
const ended = (code: number) => oneoff({ State: "exited", Status: `Exited (${code}) 3 minutes ago` });
const created = oneoff({ State: "created", Status: "Created" });

const NONE = { LogConfig: { Type: "none" } };
const KEPT = details();
const AT_TERMINAL = details({ Tty: true, OpenStdin: true });
/** A one-off that someone else attached to or left running. */
const NOT_KEPT = details({}, NONE);

/** Reported when a live one-off is attached. */
const attached = (interrupt: "key" | "signal") => ({
  ...{ type: "attached", name: "run.7364", app: "my-app", interrupt, detachKeys: "ctrl-p,ctrl-q" },
});
const LEFT = { type: "still-running", name: "run.7364" };

/** Attaches to a one-off with a log, up to the wait. */
async function follow(s: Scene, inspected = KEPT, one = oneoff()) {
  const container = new LoggedContainer(s.engine, { tty: inspected.Config.Tty ?? false }).serve();
  s.engine.on(INSPECT, 200, inspected);
  if (inspected.Config.Tty) s.engine.always(RESIZE, 200);
  const wait = s.engine.on(WAIT);
  const code = s.attach(one);
  const waiting = await wait;
  const answer = waiting.acknowledge();
  return {
    code,
    container,
    wait: waiting,
    exit(StatusCode: number) {
      container.end();
      answer.end(JSON.stringify({ StatusCode }));
    },
  };
}

/** Attaches to a one-off without a log, up to the point where stdio is forwarded. */
async function attachLive(s: Scene, inspected = NOT_KEPT, one = oneoff()) {
  s.engine.on(INSPECT, 200, inspected);
  const [wait, attach] = [s.engine.on(WAIT), s.engine.on(ATTACH)];
  const resized: Promise<Exchange>[] =
    inspected.Config.Tty && s.terminal.size() ? [s.engine.on(RESIZE, 200), s.engine.on(RESIZE, 200)] : [];
  const code = s.attach(one);
  const answer = (await wait).acknowledge();
  const attached = await attach;
  const socket = attached.upgrade();
  const sizes = (await Promise.all(resized)).map(({ query }) => query);
  return {
    code,
    attached,
    socket,
    sizes,
    exit: (StatusCode: number) => answer.end(JSON.stringify({ StatusCode })),
  };
}

test("attach refuses a paused one-off and names the command to unpause it", async () => {
  await using s = await scene();
  s.engine.on(INSPECT, 200, details({}, {}, { State: { Status: "paused", Running: true } }));
  expect(await s.attach(oneoff())).toMatchObject({
    code: "paused",
    message: "my-app.run.7364 is paused",
    next: "docker unpause my-app.run.7364",
  });
});

test("attach ends for a one-off that exits just before, even if the engine never closes the stream", async () => {
  await using s = await scene({ timeoutsMs: { lastOutput: 200 } });
  const { code, exit } = await attachLive(s, NOT_KEPT);
  exit(7);
  expect(await code).toBe(7);
});

describe("attach to a one-off without a TTY", () => {
  test("prints old and new output of a one-off and returns its exit code", async () => {
    await using s = await scene();
    const { code, container, wait, exit } = await follow(s);
    expect(wait.query).toEqual({ condition: "not-running" });
    container.write(1, "out\n");
    container.write(2, "err\n");
    await expect.poll(() => [s.terminal.out, s.terminal.err]).toEqual(["out\n", "err\n"]);
    container.write(1, "and out");
    expect(await Promise.race([code, "running"])).toBe("running");
    exit(7);
    expect(await code).toBe(7);
    expect([s.terminal.out, s.terminal.err]).toEqual(["out\nand out", "err\n"]);
    expect(s.events).toEqual([attached("signal")]);
    expect(s.journal.entries).toMatchObject([{ app: "my-app", name: "run.7364", event: "exited", exitCode: 7 }]);
  });

  test("forwards no stdin to a one-off without a TTY and does not read it", async () => {
    const terminal = fakeTerminal({ input: "stream" });
    Object.defineProperty(terminal, "stdin", { get: () => expect.fail("stdin was touched") });
    await using s = await scene({ terminal });
    const { code, exit } = await follow(s, details({ OpenStdin: true }));
    exit(0);
    expect(await code).toBe(0);
  });

  test("forwards signals to an attached one-off", async () => {
    await using s = await scene();
    const { code, container, exit } = await follow(s);
    // The signal is handled once attach has installed its handler.
    container.write(1, "ready\n");
    await expect.poll(() => s.terminal.out).toBe("ready\n");
    const kill = s.engine.on(KILL, 204);
    s.terminal.signal("SIGTERM");
    expect((await kill).query).toEqual({ signal: "SIGTERM" });
    exit(143);
    expect(await code).toBe(143);
  });

  test("leaves the one-off running when the terminal of attach closes", async () => {
    await using s = await scene();
    const { code, container } = await follow(s);
    container.write(1, "ready\n");
    await expect.poll(() => s.terminal.out).toBe("ready\n");
    s.terminal.signal("SIGHUP");
    expect(await code).toBe(129);
    expect(s.events).toEqual([attached("signal"), LEFT]);
  });

  test.each([
    ["EPIPE", 141],
    [
      "ENOSPC",
      { code: "output-failed", message: "Cannot write to stdout: write ENOSPC; the command is still running" },
    ],
  ])("leaves the one-off running when the reader of attach closes the output: %s", async (why, outcome) => {
    const stdout = new SlowOutput();
    await using s = await scene({ terminal: fakeTerminal({}, { stdout }) });
    const { code, container } = await follow(s);
    container.write(1, "more\n");
    await expect.poll(() => stdout.writableLength).toBeGreaterThan(0);
    stdout.breakWith(why);
    if (typeof outcome === "number") expect(await code).toBe(outcome);
    else expect(await code).toMatchObject(outcome);
    expect(s.events).toEqual([attached("signal")]);
    for (const route of [STOP, REMOVE, RENAME]) expect(s.routes).not.toContain(route);
  });

  test("leaves the one-off running when its log is malformed", async () => {
    await using s = await scene();
    s.engine.on(INSPECT, 200, KEPT);
    const [wait, logs] = [s.engine.on(WAIT), s.engine.on(LOGS)];
    const code = s.attach(oneoff());
    (await wait).acknowledge();
    (await logs).acknowledge().end("Usage: rake [options]\n");
    expect(await code).toMatchObject({ code: "bad-frame" });
    expect(s.routes).not.toContain(REMOVE);
  });

  test("fails with the engine's message when the one-off was removed meanwhile", async () => {
    await using s = await scene();
    s.engine.on(INSPECT, 200, KEPT);
    s.engine.on(WAIT, 404, { message: "No such container: c" });
    expect(await s.attach(oneoff())).toMatchObject({ status: 404, message: "No such container: c" });
  });

  test("reads all output of a one-off that exited meanwhile", async () => {
    await using s = await scene();
    const container = new LoggedContainer(s.engine).serve();
    container.write(1, "all of it");
    container.end();
    s.engine.on(INSPECT, 200, KEPT);
    s.engine.on(WAIT, 200, { StatusCode: 3 });
    expect(await s.attach(oneoff())).toBe(3);
    expect(s.terminal.out).toBe("all of it");
  });
});

describe("attach to a one-off without a log", () => {
  test("prints output from now on when the one-off has no log", async () => {
    await using s = await scene();
    const { code, attached, socket, exit } = await attachLive(s, NOT_KEPT);
    expect(attached.query).toEqual({ stream: "1", stdout: "1", stderr: "1" });
    socket.end(frame(2, "from now on"));
    exit(0);
    expect(await code).toBe(0);
    expect(s.terminal.err).toBe("from now on");
  });

  test.each([
    ["empty", undefined],
    ["stream", "1"],
  ] as const)("attaches stdin unless it is empty: %s", async (input, stdin) => {
    await using s = await scene({ terminal: fakeTerminal({ input }) });
    const { code, attached, socket, exit } = await attachLive(s, details({ OpenStdin: true }, NONE));
    expect(attached.query.stdin).toBe(stdin);
    if (stdin) {
      s.terminal.stdin.end("typed");
      expect((await once(socket, "data"))[0].toString()).toBe("typed");
    }
    socket.end();
    exit(0);
    expect(await code).toBe(0);
  });
});

describe("attach to a one-off with a TTY", () => {
  test("replays the log, forwards keys and redraws the screen", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code, container, exit } = await follow(s, AT_TERMINAL);
    container.write(1, "# ls\r\n");
    await expect.poll(() => s.terminal.out).toBe("# ls\r\n");
    // A full-screen program redraws when its size changes.
    const sizes = () => s.engine.requests.filter(({ path }) => path.endsWith("/resize")).map(({ query }) => query);
    await expect.poll(sizes).toEqual([
      { h: "25", w: "80" },
      { h: "24", w: "80" },
    ]);
    expect(s.terminal.isRaw).toBe(true);
    s.terminal.stdin.write("ls\r");
    await expect.poll(() => container.typed).toBe("ls\r");
    container.write(1, "bin");
    await expect.poll(() => s.terminal.out).toBe("# ls\r\nbin");
    exit(0);
    expect(await code).toBe(0);
    expect(s.terminal.out).toBe("# ls\r\nbin");
    expect(s.terminal.isRaw).toBe(false);
    const attach = s.engine.requests.find(({ path }) => path.endsWith("/attach"));
    expect(attach?.query).toEqual({
      ...{ detachKeys: "\uFFFD,\uFFFD", stream: "1", stdout: "1", stderr: "1", stdin: "1" },
    });
  });

  test("replays nothing when a one-off with a TTY has no log", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code, socket, exit } = await attachLive(s, details({ Tty: true, OpenStdin: true }, NONE));
    socket.end();
    exit(0);
    expect(await code).toBe(0);
    expect(s.routes).not.toContain(LOGS);
  });

  test("detaches again by the detach keys and keeps the name", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code } = await follow(s, AT_TERMINAL);
    s.terminal.stdin.write("\x10\x11");
    expect(await code).toBe(0);
    expect(s.events).toEqual([attached("key"), LEFT]);
    expect(s.routes).not.toContain(RENAME);
  });

  test("leaves a one-off with a TTY running when the terminal closes", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code, container } = await follow(s, AT_TERMINAL);
    await expect.poll(() => container.listeners).toBe(1);
    container.write(1, "# ");
    await expect.poll(() => s.terminal.out).toBe("# ");
    s.terminal.stdin.end();
    s.terminal.signal("SIGHUP");
    expect(await code).toBe(129);
    expect(s.events).toEqual([attached("key"), LEFT]);
  });

  test("forwards no keys when attach has no terminal", async () => {
    await using s = await scene({ terminal: fakeTerminal({ input: "stream" }) });
    const { code, container, exit } = await follow(s, AT_TERMINAL);
    container.write(1, "# ");
    exit(0);
    expect(await code).toBe(0);
    expect(s.terminal.out).toBe("# ");
    expect(s.engine.requests.find(({ path }) => path.endsWith("/attach"))?.query).not.toHaveProperty("stdin");
  });

  test("prints the output even if the resize fails because the one-off has just exited", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const container = new LoggedContainer(s.engine, { tty: true }).serve();
    container.write(1, "bye\r\n");
    container.end();
    s.engine.on(INSPECT, 200, AT_TERMINAL);
    s.engine.on(WAIT, 200, { StatusCode: 5 });
    s.engine.always(RESIZE, 409, { message: "Container c is not running" });
    expect(await s.attach(oneoff())).toBe(5);
    expect(s.terminal.out).toBe("bye\r\n");
  });
});

describe("attach to an exited one-off", () => {
  const over = async (s: Scene, inspected: ReturnType<typeof details>, one: ReturnType<typeof oneoff>) => {
    s.engine.on(INSPECT, 200, inspected);
    const logs = s.engine.on(LOGS);
    return { code: s.attach(one), logs: await logs };
  };
  const stamped = (type: 1 | 2, text: string) => frame(type, `2026-11-29T01:24:38.5Z ${text}`);
  const exited = (ExitCode: number, config = {}) =>
    details(config, {}, { State: { Status: "exited", Running: false, ExitCode } });

  test.each([0, 7, 137])("prints the log of an exited one-off and returns exit code %i", async (status) => {
    await using s = await scene();
    const { code, logs } = await over(s, exited(status), ended(status));
    expect(logs.query).toMatchObject({ follow: "0" });
    logs.acknowledge().end(Buffer.concat([stamped(1, "all of it"), stamped(2, "and that")]));
    expect(await code).toBe(status);
    expect([s.terminal.out, s.terminal.err]).toEqual(["all of it", "and that"]);
    expect(s.routes).toEqual([INSPECT, LOGS]);
    // It did not exit now.
    expect(s.journal.entries).toEqual([]);
  });

  test("prints the raw log of an exited one-off with a TTY and forwards no input", async () => {
    await using s = await scene({ terminal: fakeTerminal({ input: "terminal", outputIsTerminal: true }) });
    const { code, logs } = await over(s, exited(1, { Tty: true, OpenStdin: true }), ended(1));
    logs.acknowledge().end("# exit 1\r\n");
    expect(await code).toBe(1);
    expect(s.terminal.out).toBe("# exit 1\r\n");
  });

  test("returns the exit code of a one-off that the engine cannot remove", async () => {
    await using s = await scene();
    const { code, logs } = await over(s, exited(9), oneoff({ State: "dead", Status: "Dead" }));
    logs.acknowledge().end();
    expect(await code).toBe(9);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGHUP", 129],
  ] as const)("stops printing the log of an exited one-off on %s and returns %i", async (signal, exit) => {
    await using s = await scene();
    const { code, logs } = await over(s, exited(0), ended(0));
    logs.acknowledge().write(stamped(1, "a long log"));
    await expect.poll(() => s.terminal.out).toBe("a long log");
    s.terminal.signal(signal);
    expect(await code).toBe(exit);
    // It has exited.
    expect(s.events).toEqual([]);
  });
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("leaves the one-off unchanged on %s during the attach and returns %i", async (signal, exit) => {
  for (const stage of [INSPECT, WAIT, ATTACH]) {
    await using s = await scene({ terminal: atTerminal() });
    const inspected = details({ Tty: true, OpenStdin: true }, NONE);
    if (stage !== INSPECT) s.engine.on(INSPECT, 200, inspected);
    const held = s.engine.on(stage);
    if (stage === ATTACH) s.engine.on(WAIT).then((wait) => wait.acknowledge());
    const code = s.attach(oneoff());
    await held;
    s.terminal.signal(signal);
    expect(await code).toMatchObject({
      code: "signalled",
      message: `Terminated by ${signal} before run.7364 was attached`,
      next: undefined,
      exit,
    });
    expect(s.terminal.isRaw).toBe(false);
  }
});

describe("attach to a one-off that has not started", () => {
  test("attaches and waits for a one-off that has not started", async () => {
    await using s = await scene();
    const container = new LoggedContainer(s.engine).serve();
    s.engine.on(INSPECT, 200, KEPT);
    s.engine.on(INSPECT, 200, details({}, {}, { State: { Status: "created", Running: false } }));
    const wait = s.engine.on(WAIT);
    const code = s.attach(created);
    const waiting = await wait;
    expect(waiting.query).toEqual({ condition: "next-exit" });
    const answer = waiting.acknowledge();
    container.onAttach = () => {
      container.write(1, "hello");
      container.end();
      answer.end('{"StatusCode":4}');
    };
    expect(await code).toBe(4);
    expect(s.terminal.out).toBe("hello");
  });
});

describe("attach while the engine is lost", () => {
  const lost = {
    code: "engine-lost",
    message: "The connection to the engine was lost, the exit code is unknown; my-app.run.7364 may still be running",
    next: "oneoff attach my-app.run.7364",
  };

  test("reports the state of the one-off when the engine is lost while its output is followed", async () => {
    await using s = await scene();
    const { code, container } = await follow(s);
    container.write(1, "so far\n");
    await expect.poll(() => s.terminal.out).toBe("so far\n");
    await s.engine.vanish();
    expect(await code).toMatchObject(lost);
  });

  test("reports the state of the one-off when the engine is lost while attached", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code } = await attachLive(s, details({ Tty: true, OpenStdin: true }, NONE));
    await s.engine.vanish();
    expect(await code).toMatchObject(lost);
    expect(s.terminal.isRaw).toBe(false);
  });

  test("continues the output and repeats the wait when the engine is back", async () => {
    await using s = await scene();
    const { code, container, wait } = await follow(s);
    container.write(1, "before\n");
    await expect.poll(() => s.terminal.out).toBe("before\n");
    s.engine.always(INSPECT, 200, KEPT);
    const again = s.engine.on(WAIT);
    container.cut();
    container.write(1, "meanwhile\n");
    wait.socket.destroy();
    const answer = (await again).acknowledge();
    await expect.poll(() => s.terminal.out).toBe("before\nmeanwhile\n");
    container.end();
    answer.end('{"StatusCode":7}');
    expect(await code).toBe(7);
    expect(s.terminal.out).toBe("before\nmeanwhile\n");
  });
});
