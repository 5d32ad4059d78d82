import { Buffer } from "node:buffer";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { LogConfig } from "../../../../src/engine/types.ts";
import type { OutputChunk } from "../../../../src/oneoff/logs/follow-target.ts";
import { OutputFollower } from "../../../../src/oneoff/logs/output-follower.ts";
import type { Event } from "../../../../src/output/events.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { LoggedContainer } from "../../../support/logged-container.ts";
import { QUICK_TIMEOUTS_MS } from "../../../support/quick-timeouts.ts";

/** A follower, the chunks that it has passed on, and its container, controlled by the test. */
async function scene({
  tty = false,
  range = {},
  logConfig = { Type: "local" } as LogConfig,
  maxPauseMs = undefined as number | undefined,
} = {}) {
  const engine = await fakeEngine();
  const container = new LoggedContainer(engine, { tty }).serve();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }), {
    timeoutsMs: QUICK_TIMEOUTS_MS,
  });
  const exited = Promise.withResolvers<void>();
  const events: Event[] = [];
  const got = { stdout: "", stderr: "" };
  const all: OutputChunk[] = [];
  /** Whether the reader pauses. */
  const reader = { isPaused: false, resume: () => {} };
  engine.always("GET /containers/c/json", 200, { State: { Running: true } });
  const follow = async () => {
    const context = { engine: transport, report: (event: Event) => void events.push(event) };
    const followed = {
      id: "c",
      name: "run.7364",
      tty,
      exit: exited.promise,
      stdin: false,
      range,
      logConfig,
      maxPauseMs,
    };
    using follower = await OutputFollower.open(context, followed);
    reader.resume = () => {
      reader.isPaused = false;
      follower.resume();
    };
    return await follower.read((piece) => {
      got[piece.channel] += piece.bytes.toString("latin1");
      all.push({ ...piece, bytes: Buffer.from(piece.bytes) });
      return !reader.isPaused;
    });
  };
  return {
    engine,
    container,
    events,
    got,
    all,
    reader,
    follow,
    end() {
      container.end();
      exited.resolve();
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

/** Follows a container that has written the same line twice. @returns the end in an object, so that it is not awaited. */
async function followTicks(s: Awaited<ReturnType<typeof scene>>) {
  s.container.write(1, "tick\n");
  const ended = s.follow();
  await expect.poll(() => s.got.stdout).toBe("tick\n");
  s.container.write(1, "tick\n");
  await expect.poll(() => s.got.stdout).toBe("tick\n".repeat(2));
  return { ended };
}

const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `line ${from + n}\n`).join("");

test("passes on old output from the log and new output from the live stream by channel", async () => {
  await using s = await scene();
  s.container.write(1, lines(0, 10));
  s.container.write(2, "err\n");
  const following = s.follow();
  await expect.poll(() => s.got).toEqual({ stdout: lines(0, 10), stderr: "err\n" });
  s.container.write(1, "line 10\nunfinished");
  await expect.poll(() => s.got.stdout).toBe(`${lines(0, 11)}unfinished`);
  s.container.write(2, "more");
  s.end();
  await following;
  expect(s.got).toEqual({ stdout: `${lines(0, 11)}unfinished`, stderr: "err\nmore" });
  expect(s.all[0]?.time).toBe("2026-11-29T01:24:38.000000001Z");
  expect(s.events).toEqual([]);
});

test.each([
  ["lines", (n: number) => `line ${n}\n`, false],
  ["equal lines", () => "tick\n", false],
  ["lines of a TTY", (n: number) => `line ${n}\r\n`, true],
] as const)("neither loses nor repeats output that is written during the attach: %s", async (_what, line, tty) => {
  await using s = await scene({ tty });
  let written = "";
  const write = () => {
    const next = line(written.length);
    written += next;
    s.container.write(1, next);
  };
  write();
  // Between any two of its requests.
  let reads = 0;
  s.container.onRead = () => {
    reads += 1;
    if (reads < 6) write();
  };
  s.container.onAttach = write;
  const following = s.follow();
  await expect.poll(() => reads >= 3 && s.got.stdout === written).toBe(true);
  write();
  s.end();
  await following;
  expect(s.got.stdout).toBe(written);
});

test("waits for a log that lags behind the live stream", async () => {
  await using s = await scene();
  s.container.write(1, lines(0, 3));
  s.container.lag = 2;
  s.container.onAttach = () => s.container.write(1, "line 3\n");
  const following = s.follow();
  await pause(200);
  s.container.lag = 0;
  await expect.poll(() => s.got.stdout).toBe(lines(0, 4));
  s.end();
  await following;
  expect(s.got.stdout).toBe(lines(0, 4));
});

test("waits longer for a lagging log when all lines are equal", async () => {
  await using s = await scene();
  const { ended: following } = await followTicks(s);
  s.container.cut();
  s.container.write(1, "tick\n");
  s.container.onAttach = () => {
    s.container.write(1, "tick\n");
    s.container.lag = 1;
    let reads = 0;
    s.container.onRead = () => {
      reads += 1;
      // Two attempts in a row have found nothing new.
      if (reads === 3) s.container.lag = 0;
    };
  };
  await expect.poll(() => s.got.stdout, { timeout: 10_000 }).toBe("tick\n".repeat(4));
  s.end();
  await following;
});

test("passes on the beginning of a line that was unfinished at the attach", async () => {
  await using s = await scene();
  s.container.write(1, "begun");
  const following = s.follow();
  await pause(200);
  s.container.write(1, " and ended\n");
  await expect.poll(() => s.got.stdout).toBe("begun and ended\n");
  s.end();
  await following;
});

test("does not wait for a silent channel while the other one writes", async () => {
  await using s = await scene();
  s.container.write(1, "line 0\n");
  let line = 1;
  const write = () => {
    s.container.write(1, `line ${line}\n`);
    line += 1;
  };
  // Its output never settles while the log is read.
  s.container.onRead = write;
  s.container.onAttach = write;
  const following = s.follow();
  await expect.poll(() => s.got.stdout).toMatch(/^line 0\nline 1\nline 2\n/);
  expect(s.engine.lines.filter((one) => one.includes("/logs?")).length).toBeLessThan(6);
  s.end();
  await following;
  expect(s.got.stdout).toBe(lines(0, line));
});

describe("a live stream that is cut", () => {
  test("attaches again after a cut and reads missed output from the log", async () => {
    await using s = await scene();
    const { ended: following } = await followTicks(s);
    s.container.cut();
    s.container.write(1, "tick\ntick\n");
    s.container.onAttach = () => s.container.write(1, "last\n");
    await expect.poll(() => s.got.stdout, { timeout: 10_000 }).toBe(`${"tick\n".repeat(4)}last\n`);
    s.end();
    await following;
    expect(s.got.stdout).toBe(`${"tick\n".repeat(4)}last\n`);
    expect(s.events).toEqual([]);
  });

  test("completes a live stream that was cut just before its end from the log", async () => {
    await using s = await scene();
    s.container.write(1, lines(0, 3));
    const following = s.follow();
    await expect.poll(() => s.got.stdout).toBe(lines(0, 3));
    s.container.cut();
    s.container.write(1, `${lines(3, 5)}end`);
    s.end();
    await following;
    expect(s.got.stdout).toBe(`${lines(0, 5)}end`);
  });

  test.each(["tick\n", "."])("completes repeated output from the log after a cut: %j", async (tick) => {
    await using s = await scene();
    s.container.write(1, `start\n${tick}`);
    s.container.onAttach = () => s.container.write(1, tick.repeat(3));
    const following = s.follow();
    await expect.poll(() => s.got.stdout).toContain(tick.repeat(3));
    s.container.cut();
    s.container.write(1, tick.repeat(2));
    s.end();
    await following;
    expect(s.got.stdout).toBe(`start\n${tick.repeat(6)}`);
  });

  test("repeats no part of a line when the live stream is cut within it before it is joined", async () => {
    await using s = await scene();
    s.container.write(1, lines(0, 3));
    s.container.onAttach = () => {
      s.container.write(1, "do");
      s.container.cut();
      s.container.write(1, "ne\n");
      s.end();
    };
    await s.follow();
    expect(s.got.stdout).toBe(`${lines(0, 3)}done\n`);
  });

  test("completes a live stream that was cut before any output from the log", async () => {
    await using s = await scene();
    const attached = s.container.attached();
    const following = s.follow();
    await attached;
    // Later than the join of log and live stream.
    await pause(300);
    s.container.cut();
    s.container.write(1, "done\n");
    s.end();
    await following;
    expect(s.got.stdout).toBe("done\n");
  });
});

describe("a log that is rotated", () => {
  test("reports since when a log is complete that rotates while it is read", async () => {
    await using s = await scene();
    for (let n = 0; n < 5; n += 1) s.container.write(1, lines(n, n + 1));
    s.container.onAttach = () => {
      for (let n = 5; n < 8; n += 1) s.container.write(1, lines(n, n + 1));
      s.container.rotate(6);
    };
    const following = s.follow();
    await expect.poll(() => s.got.stdout).toBe(lines(6, 8));
    s.end();
    await following;
    expect(s.events).toEqual([{ type: "output-lost", name: "run.7364", until: "2026-11-29T01:24:38.000000007Z" }]);
  });

  test("reports a full log once", async () => {
    await using s = await scene({ logConfig: { Type: "local", Config: { "max-size": "100", "max-file": "2" } } });
    for (let n = 0; n < 5; n += 1) s.container.write(1, lines(n, n + 1));
    const following = s.follow();
    await expect.poll(() => s.got.stdout).toBe(lines(0, 5));
    s.end();
    await following;
    expect(s.events).toEqual([{ type: "log-full", name: "run.7364", since: "2026-11-29T01:24:38.000000001Z" }]);
  });

  test("finds its position again in a log that has rotated after a cut", async () => {
    await using s = await scene();
    for (let n = 0; n < 5; n += 1) s.container.write(1, lines(n, n + 1));
    const following = s.follow();
    await expect.poll(() => s.got.stdout).toBe(lines(0, 5));
    s.container.cut();
    for (let n = 5; n < 8; n += 1) s.container.write(1, lines(n, n + 1));
    s.container.rotate(1);
    await expect.poll(() => s.got.stdout, { timeout: 10_000 }).toBe(lines(0, 8));
    s.end();
    await following;
    expect(s.events).toEqual([]);
  });
});

test("passes on only new output when no old output is requested", async () => {
  await using s = await scene({ range: { tail: 0 } });
  s.container.write(1, lines(0, 3));
  const following = s.follow();
  await pause(200);
  s.container.write(1, "new\n");
  await expect.poll(() => s.got.stdout).toBe("new\n");
  s.end();
  await following;
});

describe("a paused reader", () => {
  test.each([0, 10_000])("does not block the container, and misses nothing of %i lines", async (missed) => {
    await using s = await scene({ maxPauseMs: 50 });
    s.container.write(1, lines(0, 10));
    const ended = s.follow();
    await expect.poll(() => s.got.stdout).toBe(lines(0, 10));
    s.container.write(1, lines(10, 1000));
    await expect.poll(() => s.got.stdout).toBe(lines(0, 1000));
    s.reader.isPaused = true;
    s.container.write(1, lines(1000, 1010));
    await expect.poll(() => s.container.listeners).toBe(0);
    s.container.write(1, lines(1010, 1010 + missed));
    s.reader.resume();
    await expect.poll(() => s.container.listeners).toBe(1);
    s.container.write(1, "last\n");
    await expect.poll(() => s.got.stdout.length).toBeGreaterThanOrEqual(lines(0, 1010 + missed).length);
    s.end();
    expect((await ended)?.bytes.toString()).toBe("last\n");
    expect(s.got.stdout).toBe(`${lines(0, 1010 + missed)}last\n`);
    expect(s.events).toEqual([]);
  });

  test("blocks the container without a limit", async () => {
    await using s = await scene();
    const ended = s.follow();
    await expect.poll(() => s.container.listeners).toBe(1);
    s.reader.isPaused = true;
    s.container.write(1, lines(0, 10));
    await expect.poll(() => s.got.stdout).not.toBe("");
    await pause(200);
    expect(s.container.listeners).toBe(1);
    s.reader.resume();
    s.end();
    await ended;
    expect(s.got.stdout).toBe(lines(0, 10));
  });
});

test("prints output of a container that is removed as soon as it has exited", async () => {
  await using s = await scene();
  s.container.write(2, "old\n");
  const ended = s.follow();
  await expect.poll(() => s.got.stderr).toBe("old\n");
  await expect.poll(() => s.container.listeners).toBe(1);
  await pause(100);
  s.container.onRead = () => s.container.remove();
  s.container.write(1, "bye\n");
  s.end();
  expect(await ended).toBeUndefined();
  expect(s.got).toEqual({ stdout: "bye\n", stderr: "old\n" });
});
