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

const oneoff = (given: Partial<ContainerSummary> = {}) => toOneoff({ ...oneoffOf("my-app"), Id: "c", ...given });
const ended = (code: number) => oneoff({ State: "exited", Status: `Exited (${code}) 3 minutes ago` });
const created = oneoff({ State: "created", Status: "Created" });

const NONE = { LogConfig: { Type: "none" } };
const KEPT = details();
const AT_TERMINAL = details({ Tty: true, OpenStdin: true });
/** One that somebody else is attached to, or has left. */
const NOT_KEPT = details({}, NONE);

const LEFT = { type: "still-running", name: "run.7364" };

/** Up to where it is waited for; what it writes is kept in a log. */
async function following(s: Scene, found = KEPT, one = oneoff()) {
  const container = new LoggedContainer(s.engine, { tty: found.Config.Tty ?? false }).serve();
  s.engine.on(INSPECT, 200, found);
  if (found.Config.Tty) s.engine.always(RESIZE, 200);
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

/** Up to where it and we can talk; what it writes is kept nowhere. */
async function talking(s: Scene, found = NOT_KEPT, one = oneoff()) {
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

test("one that is paused is refused, with what to type", async () => {
  await using s = await scene();
  s.engine.on(INSPECT, 200, details({}, {}, { State: { Status: "paused", Running: true } }));
  expect(await s.attach(oneoff())).toMatchObject({
    code: "paused",
    message: "my-app.run.7364 is paused",
    next: "docker unpause my-app.run.7364",
  });
});

test("one that ends just before it is attached to is over, also where the engine never says so", async () => {
  await using s = await scene({ timeoutsMs: { lastOutput: 200 } });
  const { code, exit } = await talking(s, NOT_KEPT);
  exit(7);
  expect(await code).toBe(7);
});

describe("one that runs without a terminal", () => {
  test("is shown to its end, old and new output, and its code is ours", async () => {
    await using s = await scene();
    const { code, container, wait, exit } = await following(s);
    expect(wait.query).toEqual({ condition: "not-running" });
    container.write(1, "out\n");
    container.write(2, "err\n");
    await expect.poll(() => [s.terminal.out, s.terminal.err]).toEqual(["out\n", "err\n"]);
    container.write(1, "and out");
    expect(await Promise.race([code, "running"])).toBe("running");
    exit(7);
    expect(await code).toBe(7);
    expect([s.terminal.out, s.terminal.err]).toEqual(["out\nand out", "err\n"]);
    expect(s.events).toEqual([]);
    expect(s.journal.entries).toMatchObject([{ app: "my-app", name: "run.7364", event: "exited", code: 7 }]);
  });

  test("takes no input, and ours is not touched", async () => {
    const terminal = fakeTerminal({ input: "stream" });
    Object.defineProperty(terminal, "stdin", { get: () => expect.fail("stdin was touched") });
    await using s = await scene({ terminal });
    const { code, exit } = await following(s, details({ OpenStdin: true }));
    exit(0);
    expect(await code).toBe(0);
  });

  test("is sent our signals, as if we had run it", async () => {
    await using s = await scene();
    const { code, container, exit } = await following(s);
    // It is heard of once our own reading has begun.
    container.write(1, "ready\n");
    await expect.poll(() => s.terminal.out).toBe("ready\n");
    const kill = s.engine.on(KILL, 204);
    s.terminal.signal("SIGTERM");
    expect((await kill).query).toEqual({ signal: "SIGTERM" });
    exit(143);
    expect(await code).toBe(143);
  });

  test("runs on when our own terminal goes", async () => {
    await using s = await scene();
    const { code, container } = await following(s);
    container.write(1, "ready\n");
    await expect.poll(() => s.terminal.out).toBe("ready\n");
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
    const { code, container } = await following(s);
    container.write(1, "more\n");
    await expect.poll(() => stdout.writableLength).toBeGreaterThan(0);
    stdout.breakWith(why);
    if (typeof outcome === "number") expect(await code).toBe(outcome);
    else expect(await code).toMatchObject(outcome);
    expect(s.events).toEqual([]);
    for (const route of [STOP, REMOVE, RENAME]) expect(s.routes).not.toContain(route);
  });

  test("whose log is garbled is left alone", async () => {
    await using s = await scene();
    s.engine.on(INSPECT, 200, KEPT);
    const [wait, logs] = [s.engine.on(WAIT), s.engine.on(LOGS)];
    const code = s.attach(oneoff());
    (await wait).acknowledge();
    (await logs).acknowledge().end("Usage: rake [options]\n");
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
    const container = new LoggedContainer(s.engine).serve();
    container.write(1, "all of it");
    container.end();
    s.engine.on(INSPECT, 200, KEPT);
    s.engine.on(WAIT, 200, { StatusCode: 3 });
    expect(await s.attach(oneoff())).toBe(3);
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
    const { code, container, exit } = await following(s, AT_TERMINAL);
    container.write(1, "# ls\r\n");
    await expect.poll(() => s.terminal.out).toBe("# ls\r\n");
    // What fills its screen draws it when the size changes.
    const sizes = s.engine.requests.filter(({ path }) => path.endsWith("/resize")).map(({ query }) => query);
    expect(sizes).toEqual([
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

  test("of which nothing is kept is not replayed", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code, socket, exit } = await talking(s, details({ Tty: true, OpenStdin: true }, NONE));
    socket.end();
    exit(0);
    expect(await code).toBe(0);
    expect(s.routes).not.toContain(LOGS);
  });

  test("is left again by the detach keys, under the name it has", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code } = await following(s, AT_TERMINAL);
    s.terminal.stdin.write("\x10\x11");
    expect(await code).toBe(0);
    expect(s.events).toEqual([LEFT]);
    expect(s.routes).not.toContain(RENAME);
  });

  test("runs on when our own terminal goes", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code, container } = await following(s, AT_TERMINAL);
    await expect.poll(() => container.listeners).toBe(1);
    container.write(1, "# ");
    await expect.poll(() => s.terminal.out).toBe("# ");
    s.terminal.stdin.end();
    s.terminal.signal("SIGHUP");
    expect(await code).toBe(129);
    expect(s.events).toEqual([LEFT]);
  });

  test("is only looked at from where there is none", async () => {
    await using s = await scene({ terminal: fakeTerminal({ input: "stream" }) });
    const { code, container, exit } = await following(s, AT_TERMINAL);
    container.write(1, "# ");
    exit(0);
    expect(await code).toBe(0);
    expect(s.terminal.out).toBe("# ");
    expect(s.engine.requests.find(({ path }) => path.endsWith("/attach"))?.query).not.toHaveProperty("stdin");
  });

  test("whose size cannot be set, since it has just ended, is shown all the same", async () => {
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

describe("one that has ended", () => {
  const over = async (s: Scene, found: ReturnType<typeof details>, one: ReturnType<typeof oneoff>) => {
    s.engine.on(INSPECT, 200, found);
    const logs = s.engine.on(LOGS);
    return { code: s.attach(one), logs: await logs };
  };
  const stamped = (type: 1 | 2, text: string) => frame(type, `2026-11-29T01:24:38.5Z ${text}`);
  const exited = (ExitCode: number, config = {}) =>
    details(config, {}, { State: { Status: "exited", Running: false, ExitCode } });

  test.each([0, 7, 137])("is read from its log, and its code is %i", async (status) => {
    await using s = await scene();
    const { code, logs } = await over(s, exited(status), ended(status));
    expect(logs.query).toMatchObject({ follow: "0" });
    logs.acknowledge().end(Buffer.concat([stamped(1, "all of it"), stamped(2, "and that")]));
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
    logs.acknowledge().write(stamped(1, "a long log"));
    await expect.poll(() => s.terminal.out).toBe("a long log");
    s.terminal.signal(signal);
    expect(await code).toBe(exit);
    // It does not run on.
    expect(s.events).toEqual([]);
  });
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s before the engine has attached us leaves it as it is, with %i", async (signal, exit) => {
  for (const stage of [INSPECT, WAIT, ATTACH]) {
    await using s = await scene({ terminal: atTerminal() });
    const found = details({ Tty: true, OpenStdin: true }, NONE);
    if (stage !== INSPECT) s.engine.on(INSPECT, 200, found);
    const held = s.engine.on(stage);
    if (stage === ATTACH) s.engine.on(WAIT).then((wait) => wait.acknowledge());
    const code = s.attach(oneoff());
    await held;
    s.terminal.signal(signal);
    expect(await code).toMatchObject({
      code: "signalled",
      message: `Ended by ${signal} before run.7364 was attached`,
      next: undefined,
      exit,
    });
    expect(s.terminal.isRaw).toBe(false);
  }
});

describe("one that is not started yet", () => {
  test("is attached to, and waited for", async () => {
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

describe("an engine that goes away", () => {
  const gone = {
    code: "engine-lost",
    message:
      "The connection to the engine was lost, and the exit code with it; my-app.run.7364 lives on if the engine keeps containers over a restart",
    next: "oneoff attach my-app.run.7364",
  };

  test("while output is followed says what has become of the one-off, as far as that is known", async () => {
    await using s = await scene();
    const { code, container } = await following(s);
    container.write(1, "so far\n");
    await expect.poll(() => s.terminal.out).toBe("so far\n");
    await s.engine.vanish();
    expect(await code).toMatchObject(gone);
  });

  test("while we are attached says so too", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code } = await talking(s, details({ Tty: true, OpenStdin: true }, NONE));
    await s.engine.vanish();
    expect(await code).toMatchObject(gone);
    expect(s.terminal.isRaw).toBe(false);
  });

  test("and is back goes on where it was, and is asked again for the exit code", async () => {
    await using s = await scene();
    const { code, container, wait } = await following(s);
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
