import { describe, expect, test, vi } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import { SignalForwarder } from "../../../../src/oneoff/session/signal-forwarder.ts";
import type { Event } from "../../../../src/output/events.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { fakeTerminal } from "../../../support/fake-terminal.ts";

async function scene() {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const terminal = fakeTerminal();
  const events: Event[] = [];
  const forwarder = new SignalForwarder({ engine: transport, terminal, report: (event) => events.push(event) });
  return {
    engine,
    terminal,
    events,
    forwarder,
    async [Symbol.asyncDispose]() {
      forwarder[Symbol.dispose]();
      await transport[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

/** @param override the signals that are not forwarded. */
const begin = (s: Awaited<ReturnType<typeof scene>>, ...instead: NodeJS.Signals[]) =>
  s.forwarder.begin({ id: "c", name: "run.1" }, (signal) => instead.includes(signal));

const KILL = "POST /containers/c/kill";
const STOP = "POST /containers/c/stop";
const REMOVE = "DELETE /containers/c";

describe("signals before the command exists", () => {
  test.each<[NodeJS.Signals, number]>([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGQUIT", 131],
  ])("check() fails after %s", async (signal, exit) => {
    await using s = await scene();
    s.forwarder.check();
    s.terminal.signal(signal);
    expect(() => s.forwarder.check()).toThrow(
      expect.objectContaining({
        code: "signalled",
        exit,
        message: `Terminated by ${signal} before the command was started; nothing is left behind`,
      }),
    );
  });

  test("check() fails for the first of several fatal signals", async () => {
    await using s = await scene();
    for (const signal of ["SIGUSR1", "SIGTERM", "SIGINT"] as const) s.terminal.signal(signal);
    expect(() => s.forwarder.check()).toThrow(expect.objectContaining({ exit: 143 }));
  });

  test("forwards non-fatal signals in order once the command exists", async () => {
    await using s = await scene();
    s.terminal.signal("SIGUSR2");
    s.terminal.signal("SIGUSR1");
    s.forwarder.check();
    const kills = [s.engine.on(KILL, 204), s.engine.on(KILL, 204)];
    begin(s);
    await Promise.all(kills);
    expect(s.engine.lines).toEqual([`${KILL}?signal=SIGUSR2`, `${KILL}?signal=SIGUSR1`]);
  });
});

describe("an engine that does not respond after a signal", () => {
  const waiting = async (begun: boolean) => {
    await using s = await scene();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      if (begun) s.engine.on(KILL, 204);
      s.terminal.signal("SIGTERM");
      if (begun) begin(s);
      await vi.advanceTimersByTimeAsync(60_000);
    } finally {
      vi.useRealTimers();
    }
    if (begun) await expect.poll(() => s.engine.lines).toEqual([`${KILL}?signal=SIGTERM`]);
    const later = new Promise((resolve) => setImmediate(resolve, "waiting"));
    return Promise.race([s.forwarder.abandoned.catch((error: unknown) => error), later]);
  };

  test("ends with the signal's exit code when the engine does not respond", async () =>
    expect(await waiting(false)).toMatchObject({ code: "abandoned", exit: 143 }));

  test("waits without a limit for the command's reaction to a signal", async () =>
    expect(await waiting(true)).toBe("waiting"));
});

describe("signals while the command runs", () => {
  test("forwards signals one after another", async () => {
    await using s = await scene();
    begin(s);
    const first = s.engine.on(KILL);
    const second = s.engine.on(KILL, 204);
    s.terminal.signal("SIGUSR1");
    s.terminal.signal("SIGTERM");
    const held = await first;
    expect(s.engine.lines).toEqual([`${KILL}?signal=SIGUSR1`]);
    held.reply(204);
    expect((await second).query).toEqual({ signal: "SIGTERM" });
  });

  test("ignores that a signal arrives after the exit", async () => {
    await using s = await scene();
    begin(s);
    s.engine.on(KILL, 409, { message: "container c is not running" });
    s.engine.on(KILL, 404, { message: "No such container: c" });
    const last = s.engine.on(KILL, 204);
    for (const signal of ["SIGTERM", "SIGTERM", "SIGTERM"] as const) s.terminal.signal(signal);
    await last;
    expect(s.events).toEqual([]);
  });

  test("reports a refused signal and sends the next one", async () => {
    await using s = await scene();
    begin(s);
    s.engine.on(KILL, 500, { message: "cannot kill it" });
    const last = s.engine.on(KILL, 204);
    s.terminal.signal("SIGTERM");
    s.terminal.signal("SIGUSR1");
    await last;
    expect(s.events).toEqual([{ type: "warning", message: "cannot kill it" }]);
  });

  test("forwards SIGTSTP before it suspends oneoff", async () => {
    await using s = await scene();
    begin(s);
    const kill = s.engine.on(KILL);
    s.terminal.signal("SIGTSTP");
    const held = await kill;
    expect(held.query).toEqual({ signal: "SIGTSTP" });
    expect(s.terminal.suspended).toBe(0);
    held.reply(204);
    await expect.poll(() => s.terminal.suspended).toBe(1);
  });

  test("stops on the second ^C, removes and returns 130 on the third", async () => {
    await using s = await scene();
    begin(s);
    const kill = s.engine.on(KILL, 204);
    s.terminal.signal("SIGINT");
    expect((await kill).query).toEqual({ signal: "SIGINT" });

    const stop = s.engine.on(STOP);
    s.terminal.signal("SIGINT");
    expect((await stop).query).toEqual({ t: "10" });

    // The stop is still in progress: the removal does not wait for it.
    const remove = s.engine.on(REMOVE);
    s.terminal.signal("SIGINT");
    const held = await remove;
    expect(held.query).toEqual({ force: "1", v: "1" });
    expect(await Promise.race([s.forwarder.removed, "still here"])).toBe("still here");
    held.reply(204);
    expect(await s.forwarder.removed).toBe(130);
    expect(s.events).toEqual([
      { type: "stopping", name: "run.1", reason: "interrupt", stopTimeout: 10 },
      { type: "removing", name: "run.1" },
    ]);
  });

  test("returns 130 on a third ^C even when the engine cannot remove the one-off", async () => {
    await using s = await scene();
    begin(s);
    const sent = [s.engine.on(KILL, 204), s.engine.on(STOP, 204)];
    s.engine.on(REMOVE, 500, { message: "driver failed to remove" });
    for (let n = 0; n < 3; n += 1) s.terminal.signal("SIGINT");
    await Promise.all(sent);
    expect(await s.forwarder.removed).toBe(130);
    expect(s.events).toContainEqual({ type: "warning", message: "driver failed to remove" });
  });

  test("returns 130 on a third ^C even when the engine does not answer the first", { timeout: 2_000 }, async () => {
    await using s = await scene();
    begin(s);
    const kill = s.engine.on(KILL);
    const stop = s.engine.on(STOP);
    s.terminal.signal("SIGINT");
    await kill;
    s.terminal.signal("SIGINT");
    await stop;
    s.engine.on(REMOVE, 204);
    s.terminal.signal("SIGINT");
    expect(await s.forwarder.removed).toBe(130);
  });

  test("ignores ^C after the third", async () => {
    await using s = await scene();
    begin(s);
    const sent = [s.engine.on(KILL, 204), s.engine.on(STOP, 204)];
    const remove = s.engine.on(REMOVE);
    for (let n = 0; n < 5; n += 1) s.terminal.signal("SIGINT");
    await Promise.all(sent);
    (await remove).reply(204);
    expect(await s.forwarder.removed).toBe(130);
    expect(s.events.map(({ type }) => type)).toEqual(["stopping", "removing"]);
  });

  test("ignores a signal that is handled otherwise", async () => {
    await using s = await scene();
    s.terminal.signal("SIGTERM");
    begin(s, "SIGTERM", "SIGINT", "SIGTSTP");
    const kill = s.engine.on(KILL, 204);
    for (const signal of ["SIGINT", "SIGINT", "SIGINT", "SIGTSTP", "SIGUSR1"] as const) s.terminal.signal(signal);
    expect((await kill).query).toEqual({ signal: "SIGUSR1" });
    expect(s.engine.lines).toHaveLength(1);
    expect(s.forwarder.isRemoving).toBe(false);
    expect(s.terminal.suspended).toBe(0);
    expect(s.events).toEqual([]);
  });

  test("does not count other signals as ^C", async () => {
    await using s = await scene();
    begin(s);
    const kills = Array.from({ length: 4 }, () => s.engine.on(KILL, 204));
    for (const signal of ["SIGTERM", "SIGTERM", "SIGTERM", "SIGINT"] as const) s.terminal.signal(signal);
    await Promise.all(kills);
    expect(s.engine.lines.at(-1)).toBe(`${KILL}?signal=SIGINT`);
  });
});

test("ignores signals after disposal", async () => {
  await using s = await scene();
  begin(s);
  s.forwarder[Symbol.dispose]();
  expect(s.terminal.listeners).toBe(0);
  s.terminal.signal("SIGTERM");
  expect(s.engine.lines).toEqual([]);
});
