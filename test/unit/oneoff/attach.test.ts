import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { ContainerSummary } from "../../../src/engine/types.ts";
import { toOneoff } from "../../../src/oneoff/one-off.ts";
import { details, oneoffOf } from "../../support/deployed.ts";
import type { Exchange } from "../../support/fake-engine.ts";
import { fakeTerminal } from "../../support/fake-terminal.ts";
import { frame } from "../../support/frame.ts";
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
} from "../../support/session-scene.ts";
import { SlowOutput } from "../../support/slow-output.ts";

const oneoff = (given: Partial<ContainerSummary> = {}) => toOneoff({ ...oneoffOf("my-app"), Id: "c", ...given });
const ended = (code: number) => oneoff({ State: "exited", Status: `Exited (${code}) 3 minutes ago` });
const created = oneoff({ State: "created", Status: "Created" });

const NONE = { LogConfig: { Type: "none" } };
const KEPT = details();
const AT_TERMINAL = details({ Tty: true, OpenStdin: true });
/** One that somebody else is attached to, or has left. */
const NOT_KEPT = details({}, NONE);

const LEFT = { type: "left", name: "run.7364" };

/** Up to where what it has written may come. */
async function reading(s: Scene, found = KEPT, one = oneoff()) {
  s.engine.on(INSPECT, 200, found);
  const wait = s.engine.on(WAIT);
  const logs = s.engine.on(LOGS);
  const code = s.attach(one);
  const waiting = await wait;
  const exit = waiting.acknowledge();
  const log = await logs;
  return {
    code,
    wait: waiting,
    logs: log,
    log: log.acknowledge(),
    exit: (StatusCode: number) => exit.end(JSON.stringify({ StatusCode })),
  };
}

/** Up to where it and we can talk. */
async function talking(s: Scene, found = AT_TERMINAL, one = oneoff()) {
  s.engine.on(INSPECT, 200, found);
  const [wait, attach] = [s.engine.on(WAIT), s.engine.on(ATTACH)];
  const resized: Promise<Exchange>[] =
    found.Config.Tty && s.terminal.size() ? [s.engine.on(RESIZE, 200), s.engine.on(RESIZE, 200)] : [];
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

test("one that ends just before it is attached to is over, also where the engine never says so", async () => {
  await using s = await scene();
  const { code, exit } = await talking(s, NOT_KEPT);
  exit(7);
  expect(await code).toBe(7);
});

describe("one that runs without a terminal", () => {
  test("is read from its log, which has everything once, to its end; its code is ours", async () => {
    await using s = await scene();
    const { code, logs, wait, log, exit } = await reading(s);
    expect(logs.query).toEqual({ stdout: "1", stderr: "1", follow: "1", timestamps: "0" });
    expect(wait.query).toEqual({ condition: "not-running" });
    log.write(Buffer.concat([frame(1, "out "), frame(2, "err")]));
    log.end(frame(1, "and out"));
    await s.settle();
    expect(await Promise.race([code, "running"])).toBe("running");
    exit(7);
    expect(await code).toBe(7);
    expect([s.terminal.out, s.terminal.err]).toEqual(["out and out", "err"]);
    expect(s.events).toEqual([]);
    expect(s.journal.entries).toMatchObject([{ app: "my-app", name: "run.7364", event: "exited", code: 7 }]);
  });

  test("takes no input, and ours is not touched", async () => {
    const terminal = fakeTerminal({ input: "stream" });
    Object.defineProperty(terminal, "stdin", { get: () => expect.fail("stdin was touched") });
    await using s = await scene({ terminal });
    const { code, log, exit } = await reading(s, details({ OpenStdin: true }));
    log.end();
    exit(0);
    expect(await code).toBe(0);
  });

  test("is sent our signals, as if we had run it", async () => {
    await using s = await scene();
    const { code, log, exit } = await reading(s);
    // It is heard of once our own reading has begun.
    log.write(frame(1, "ready"));
    await expect.poll(() => s.terminal.out).toBe("ready");
    const kill = s.engine.on(KILL, 204);
    s.terminal.signal("SIGTERM");
    expect((await kill).query).toEqual({ signal: "SIGTERM" });
    log.end();
    exit(143);
    expect(await code).toBe(143);
  });

  test("runs on when our own terminal goes", async () => {
    await using s = await scene();
    const { code, log } = await reading(s);
    log.write(frame(1, "ready"));
    await expect.poll(() => s.terminal.out).toBe("ready");
    s.terminal.signal("SIGHUP");
    expect(await code).toBe(129);
    expect(s.events).toEqual([LEFT]);
  });

  test.each([
    ["EPIPE", 141],
    ["ENOSPC", { code: "output-failed", message: "Cannot write to stdout: write ENOSPC; the command runs on" }],
  ])("runs on when nobody reads it here any more: %s", async (why, outcome) => {
    const stdout = new SlowOutput();
    await using s = await scene({ terminal: fakeTerminal({}, { stdout }) });
    const { code, log } = await reading(s);
    log.write(frame(1, "more"));
    await expect.poll(() => stdout.writableLength).toBeGreaterThan(0);
    stdout.breakWith(why);
    if (typeof outcome === "number") expect(await code).toBe(outcome);
    else expect(await code).toMatchObject(outcome);
    expect(s.events).toEqual([]);
    for (const route of [STOP, REMOVE, RENAME]) expect(s.routes).not.toContain(route);
  });

  test("whose log is garbled is left alone", async () => {
    await using s = await scene();
    const { code, log } = await reading(s);
    log.write("Usage: rake [options]\n");
    expect(await code).toMatchObject({ code: "bad-frame" });
    expect(s.routes).not.toContain(REMOVE);
  });

  test("and has gone since it was found is an error, in the engine's words", async () => {
    await using s = await scene();
    s.engine.on(INSPECT, 200, KEPT);
    s.engine.on(WAIT, 404, { message: "No such container: c" });
    expect(await s.attach(oneoff())).toMatchObject({ status: 404, message: "No such container: c" });
  });

  test("and has ended since it was found is read to its end", async () => {
    await using s = await scene();
    s.engine.on(INSPECT, 200, KEPT);
    s.engine.on(WAIT, 200, { StatusCode: 3 });
    const logs = s.engine.on(LOGS);
    const code = s.attach(oneoff());
    (await logs).acknowledge().end(frame(1, "all of it"));
    expect(await code).toBe(3);
    expect(s.terminal.out).toBe("all of it");
  });
});

describe("one whose output is kept nowhere", () => {
  test("is attached to, and what it writes from now on is shown", async () => {
    await using s = await scene();
    const { code, attached, socket, exit } = await talking(s, NOT_KEPT);
    expect(attached.query).toEqual({ stream: "1", stdout: "1", stderr: "1" });
    socket.end(frame(2, "from now on"));
    exit(0);
    expect(await code).toBe(0);
    expect(s.terminal.err).toBe("from now on");
  });

  test.each([
    ["empty", undefined],
    ["stream", "1"],
  ] as const)("takes our input, where there is any: %s", async (input, stdin) => {
    await using s = await scene({ terminal: fakeTerminal({ input }) });
    const { code, attached, socket, exit } = await talking(s, details({ OpenStdin: true }, NONE));
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

describe("one at a terminal", () => {
  test("is replayed, typed at, and drawn anew", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code, attached, socket, sizes, exit } = await talking(s);
    expect(attached.query).toEqual({
      ...{ detachKeys: "\uFFFD,\uFFFD", stream: "1", stdout: "1", stderr: "1", stdin: "1", logs: "1" },
    });
    // What fills its screen draws it when the size changes.
    expect(sizes).toEqual([
      { h: "25", w: "80" },
      { h: "24", w: "80" },
    ]);
    expect(s.terminal.isRaw).toBe(true);
    s.terminal.stdin.write("ls\r");
    expect((await once(socket, "data"))[0].toString()).toBe("ls\r");
    socket.end("# ls\r\nbin\r\n");
    exit(0);
    expect(await code).toBe(0);
    expect(s.terminal.out).toBe("# ls\r\nbin\r\n");
    expect(s.terminal.isRaw).toBe(false);
  });

  test("of which nothing is kept is not replayed", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code, attached, socket, exit } = await talking(s, details({ Tty: true, OpenStdin: true }, NONE));
    expect(attached.query).not.toHaveProperty("logs");
    socket.end();
    exit(0);
    expect(await code).toBe(0);
  });

  test("is left again by the detach keys, under the name it has", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code, socket } = await talking(s);
    s.terminal.stdin.write("\x10\x11");
    expect(await code).toBe(0);
    expect(s.events).toEqual([LEFT]);
    expect(s.routes).not.toContain(RENAME);
    socket.destroy();
  });

  test("runs on when our own terminal goes", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code, socket } = await talking(s);
    s.terminal.stdin.end();
    s.terminal.signal("SIGHUP");
    expect(await code).toBe(129);
    expect(s.events).toEqual([LEFT]);
    socket.destroy();
  });

  test("is only looked at from where there is none", async () => {
    await using s = await scene({ terminal: fakeTerminal({ input: "stream" }) });
    const { code, attached, socket, exit } = await talking(s);
    expect(attached.query).not.toHaveProperty("stdin");
    socket.end("# ");
    exit(0);
    expect(await code).toBe(0);
    expect(s.terminal.out).toBe("# ");
  });

  test("whose size cannot be set, since it has just ended, is shown all the same", async () => {
    await using s = await scene({ terminal: atTerminal() });
    s.engine.on(INSPECT, 200, AT_TERMINAL);
    s.engine.on(WAIT, 200, { StatusCode: 5 });
    const attach = s.engine.on(ATTACH);
    s.engine.always(RESIZE, 409, { message: "Container c is not running" });
    const code = s.attach(oneoff());
    (await attach).upgrade().end("bye\r\n");
    expect(await code).toBe(5);
    expect(s.terminal.out).toBe("bye\r\n");
  });
});

describe("one that has ended", () => {
  const over = async (s: Scene, found: ReturnType<typeof details>, one: ReturnType<typeof oneoff>) => {
    s.engine.on(INSPECT, 200, found);
    const logs = s.engine.on(LOGS);
    return { code: s.attach(one), logs: await logs };
  };
  const exited = (ExitCode: number, config = {}) =>
    details(config, {}, { State: { Status: "exited", Running: false, ExitCode } });

  test.each([0, 7, 137])("is read from its log, and its code is %i", async (status) => {
    await using s = await scene();
    const { code, logs } = await over(s, exited(status), ended(status));
    expect(logs.query).toMatchObject({ follow: "0" });
    logs.acknowledge().end(Buffer.concat([frame(1, "all of it"), frame(2, "and that")]));
    expect(await code).toBe(status);
    expect([s.terminal.out, s.terminal.err]).toEqual(["all of it", "and that"]);
    expect(s.routes).toEqual([INSPECT, LOGS]);
    // Its end is not now.
    expect(s.journal.entries).toEqual([]);
  });

  test("at a terminal is read from its log, as it is, and takes no input", async () => {
    await using s = await scene({ terminal: fakeTerminal({ input: "terminal", outputIsTerminal: true }) });
    const { code, logs } = await over(s, exited(1, { Tty: true, OpenStdin: true }), ended(1));
    logs.acknowledge().end("# exit 1\r\n");
    expect(await code).toBe(1);
    expect(s.terminal.out).toBe("# exit 1\r\n");
  });

  test("and that the engine cannot remove has the code that only it knows", async () => {
    await using s = await scene();
    const { code, logs } = await over(s, exited(9), oneoff({ State: "dead", Status: "Dead" }));
    logs.acknowledge().end();
    expect(await code).toBe(9);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGHUP", 129],
  ] as const)("cannot be ended once more: %s ends the reading, with %i", async (signal, exit) => {
    await using s = await scene();
    const { code, logs } = await over(s, exited(0), ended(0));
    logs.acknowledge().write(frame(1, "a long log"));
    await expect.poll(() => s.terminal.out).toBe("a long log");
    s.terminal.signal(signal);
    expect(await code).toBe(exit);
    // It does not run on.
    expect(s.events).toEqual([]);
  });
});

describe("one that is not started yet", () => {
  test("is attached to, for a log that is empty so far would be all there is, and waited for", async () => {
    await using s = await scene();
    s.engine.on(INSPECT, 200, KEPT);
    s.engine.on(INSPECT, 200, details({}, {}, { State: { Status: "created", Running: false } }));
    const [wait, attach] = [s.engine.on(WAIT), s.engine.on(ATTACH)];
    const code = s.attach(created);
    const waiting = await wait;
    expect(waiting.query).toEqual({ condition: "next-exit" });
    const answer = waiting.acknowledge();
    const attached = await attach;
    expect(attached.query).toEqual({ stream: "1", stdout: "1", stderr: "1", logs: "1" });
    attached.upgrade().end(frame(1, "hello"));
    answer.end('{"StatusCode":4}');
    expect(await code).toBe(4);
    expect(s.terminal.out).toBe("hello");
  });
});

describe("an engine that goes away", () => {
  const gone = {
    code: "engine-lost",
    message:
      "The connection to the engine was lost, and the exit code with it; my-app.run.7364 lives on if the engine keeps containers over a restart",
    next: "oneoff attach my-app.run.7364",
  };

  test("while a log is followed says what has become of the one-off, as far as that is known", async () => {
    await using s = await scene();
    const { code, log } = await reading(s);
    log.write(frame(1, "so far"));
    await expect.poll(() => s.terminal.out).toBe("so far");
    await s.engine.vanish();
    expect(await code).toMatchObject(gone);
  });

  test("while we are attached says so too", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code } = await talking(s);
    await s.engine.vanish();
    expect(await code).toMatchObject(gone);
    expect(s.terminal.isRaw).toBe(false);
  });

  test("and is back tells that it lives on", async () => {
    await using s = await scene();
    const { code, logs, wait } = await reading(s);
    s.engine.on(INSPECT, 200, KEPT);
    logs.socket.destroy();
    wait.socket.destroy();
    expect(await code).toMatchObject({ code: "engine-lost", message: expect.stringMatching(/ lives on$/) });
  });
});
