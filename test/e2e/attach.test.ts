import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, inject, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { api } from "../support/docker-api.ts";
import { ended, eventually, type Oneoffs, oneoffSuite, said, see } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";
import type { Pty } from "../support/pty.ts";
import { quickAndFull } from "../support/quick.ts";

const host = inject("engineHost");
const engine = api(host);
const suite = oneoffSuite(host);

const inspect = async (container: string) => (await engine.get(`/containers/${container}/json`)).body;
const isRunning = async (container: string) => (await inspect(container)).State.Running;
const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** The one-offs of a test, which removes those that are kept. */
const scene = () => suite.apart();

/** More than the engine stores in one message. */
const LONG = "head -c 20000 /dev/zero | tr '\\0' x";

/** A script that writes so many numbered lines, even ones to stderr, and its expected output. */
const counting = (count: number) => {
  const lines = (word: string, first: number) =>
    Array.from({ length: count / 2 }, (_, n) => `${word} ${first + 2 * n}\n`).join("");
  return {
    script: `seq ${count} | awk '{ if ($1 % 2) print "odd " $1; else print "even " $1 > "/dev/stderr" }'`,
    counted: { code: 9, stdout: md5(lines("odd", 1)), stderr: md5(lines("even", 2)) },
  };
};

describe("attach without a TTY", () => {
  const sums = async (s: Oneoffs, container: string) => {
    const { code, stdout, stderr } = await s.oneoff(["attach", "--quiet", container]);
    return { code, stdout: md5(stdout), stderr: md5(stderr) };
  };

  test.concurrent(
    "replays a finished one-off byte for byte, with stdout and stderr apart, and its exit code",
    needs("rotated logs"),
    async () => {
      await using s = scene();
      const { script, counted } = counting(100_000);
      const container = await s.detached(["app", "sh", "-c", `${script}; exit 9`]);
      await s.oneoff(["wait", container]);
      expect(await sums(s, container)).toEqual(counted);
      expect(await sums(s, container)).toEqual(counted);
    },
  );

  for (const [scope, rows] of quickAndFull(
    [
      ["at full speed", "seq 75000"],
      ["without end of the last line", "seq 3 | while read -r n; do echo line $n; sleep 0.2; done; printf end"],
      ["the same line again and again", "seq 20 | while read -r n; do echo tick; sleep 0.1; done"],
      ["a long line that was begun before", `${LONG}; sleep 2; ${LONG}; echo; sleep 3; echo end`],
      ["a line that was begun before", "printf begun; sleep 2; echo and ended"],
    ],
    1,
  ))
    test.concurrent.each(rows)(
      "replays and follows a running one-off byte for byte while it writes %s",
      scope,
      async (_what, script) => {
        await using s = scene();
        const container = await s.detached(["app", "sh", "-c", `${script}; exit 9`]);
        const expected = (await s.run(["app", "sh", "-c", script])).stdout;
        const other = await s.detached(["app", "sh", "-c", `${script}; exit 9`]);
        // Several clients attach at several moments.
        const looks = [0, 300].map(async (ms) => {
          await sleep(ms);
          return sums(s, other);
        });
        const whole = { code: 9, stdout: md5(expected), stderr: md5("") };
        expect(await Promise.all([...looks, sums(s, container)])).toEqual([whole, whole, whole]);
      },
    );

  test.concurrent("follows a running one-off, and forwards signals", async () => {
    await using s = scene();
    const script = "echo before; trap 'echo got it; exit 6' TERM; while :; do sleep 0.05; done";
    const container = await s.detached(["app", "sh", "-c", script]);
    await using live = await start([...suite.argv([]).slice(0, 1), "attach", container], {
      ...{ env: { DOCKER_HOST: host }, timeout: 60_000 },
    });
    await eventually(() => expect(live.stdout.toString()).toBe("before\n"));
    live.child.kill("SIGTERM");
    const { stderr, ...rest } = await said(live);
    expect(rest).toEqual({ code: 6, stdout: "before\ngot it\n" });
    expect(stderr).toMatch(
      /^Attached to run\.\d+ of app: \^C interrupts the command, a second \^C stops it; SIGHUP detaches and leaves it running\n$/,
    );
  });

  for (const [scope, rows] of quickAndFull(
    [
      ["is ended by SIGHUP", "", "SIGHUP", 129],
      ["has a reader that goes", "| head -1", undefined, 141],
    ] as const,
    1,
  ))
    test.concurrent.each(rows)(
      "keeps a one-off running when its attached client %s",
      scope,
      async (_what, reader, signal, code) => {
        await using s = scene();
        const container = await s.detached(["app", "sh", "-c", "while :; do echo tick; sleep 0.05; done"]);
        const script = `"$0" attach ${container} ${reader}${reader && "; exit $PIPESTATUS"}`;
        const argv = signal ? [] : ["bash", "-c", script];
        const oneoff = suite.argv([]).slice(0, 1);
        await using live = await start([...argv, ...oneoff, ...(signal ? ["attach", container] : [])], {
          ...{ env: { DOCKER_HOST: host }, timeout: 60_000 },
        });
        await eventually(() => expect(live.stdout.toString()).toContain("tick\n"));
        if (signal) live.child.kill(signal);
        expect((await said(live)).code).toBe(code);
        await sleep(300);
        expect(await isRunning(container)).toBe(true);
      },
    );

  test.concurrent("attaches from now on to a one-off without a log that has another client", {
    tags: ["full"],
  }, async () => {
    await using s = scene();
    await using live = await s.start(["app", "sh", "-c", "echo early; read -r line; echo late; exit 4"], {
      stdin: "pipe",
    });
    await eventually(() => expect(live.stdout.toString()).toBe("early\n"));
    const { Id } = await s.running();
    await using other = await start([...suite.argv([]).slice(0, 1), "attach", Id], {
      ...{ env: { DOCKER_HOST: host }, timeout: 60_000 },
    });
    await eventually(() => expect(other.stderr.toString()).toMatch(/^Attached to run/));
    live.child.stdin?.end("go on\n");
    const all = await Promise.all([said(live), said(other)]);
    expect(all.map(({ code }) => code)).toEqual([4, 4]);
    expect(all.map(({ stdout }) => stdout)).toEqual(["early\nlate\n", "late\n"]);
    await s.gone();
  });
});

test.concurrent("attaches to the only one-off of an app, and lists several", async () => {
  await using s = scene();
  const app = `only-${process.pid}`;
  const container = await s.detached([app, "sh", "-c", "echo ready; exec sleep 600"]);
  await using live = await start([...suite.argv([]).slice(0, 1), "attach", app], {
    ...{ env: { DOCKER_HOST: host }, timeout: 60_000 },
  });
  await eventually(() => expect(live.stdout.toString()).toBe("ready\n"));
  const other = await s.detached([app, "sh", "-c", "exec sleep 601"]);
  const { code, stderr } = await s.oneoff(["attach", app]);
  expect([code, stderr]).toEqual([
    125,
    expect.stringMatching(
      /^oneoff: only-\d+ has 2 running one-offs:\n( {2}run\.\d+ {2}sh -c .*\n){2} {2}oneoff attach -a /,
    ),
  ]);
  await s.oneoff(["stop", container, other]);
  expect(await said(live)).toMatchObject({ code: 143 });
  expect(await s.oneoff(["attach", app])).toMatchObject({
    code: 125,
    stderr: `oneoff: No one-off of ${app} is running\n  oneoff ps --all ${app}\n`,
  });
});

describe("attach at a TTY", () => {
  const attach = (s: Oneoffs, container: string, cols = 90, rows = 30) =>
    s.ptyOneoff(["attach", container], { cols, rows });
  const type = async (pty: Pty, keys: string, answer: string | RegExp) => {
    pty.write(`${keys}\r`);
    return await see(pty, answer);
  };
  /** The size is applied a moment after attaching, or after the local size has changed. */
  const sized = (pty: Pty, size: string) =>
    eventually(async () => {
      pty.write("stty size\r");
      await pty.waitFor(`\n${size}\r\n`, 1_000);
    });

  test.concurrent("forwards keys and the size to a detached one-off, detaches, and shows its screen when attached again", async () => {
    await using s = scene();
    const container = await s.detached(["--tty", "app", "sh"]);
    expect((await inspect(container)).Config).toMatchObject({ Tty: true, OpenStdin: true, StdinOnce: false });
    {
      await using pty = await attach(s, container);
      await see(pty, /Attached to run\.\d+ of app: \^C is sent to the command; ctrl-p,ctrl-q detaches\r\n/);
      await sized(pty, "30 90");
      pty.resize(120, 40);
      await sized(pty, "40 120");
      await type(pty, "MARK=kept-$((40 + 2)); echo $MARK", "\nkept-42\r\n");
      pty.write("\x10\x11");
      await see(pty, /(run\.\d+) is still running; reattach with: oneoff attach \1\r\n/);
      expect(await ended(pty)).toEqual({ code: 0, signal: null });
      expect(await pty.termios()).toMatch(/[^-]icanon.*[^-]echo /s);
    }
    expect(await isRunning(container)).toBe(true);
    await using pty = await attach(s, container, 100, 20);
    // The old screen is repeated before anything new; the first key has reached the shell, too.
    await see(pty, "\nkept-42\r\n");
    pty.write("\x03");
    await sized(pty, "20 100");
    await type(pty, "echo again-$MARK", "\nagain-kept-42\r\n");
    pty.write("exit 5\r");
    expect(await ended(pty)).toEqual({ code: 5, signal: null });
    // The one-off is kept: its screen can still be read, also without a TTY.
    const { code, stdout } = await s.oneoff(["attach", container]);
    expect(code).toBe(5);
    expect(stdout).toContain("\nagain-kept-42\r\n");
  });

  test.concurrent("attaches again to a one-off left by ctrl-p,ctrl-q, which is not reaped meanwhile", {
    tags: ["full"],
  }, async () => {
    await using s = scene();
    const name = `debug-${process.pid}`;
    {
      await using pty = await s.pty(["--name", name, "app", "sh"]);
      await type(pty, "MARK=mine; echo $MARK", "\nmine\r\n");
      pty.write("\x10\x11");
      expect(await ended(pty)).toEqual({ code: 0, signal: null });
      expect((await s.running()).Name).toBe(`/${name}.left`);
    }
    expect((await s.oneoff(["reap", "--dry-run"])).stdout).not.toContain(name);
    expect((await s.oneoff(["exec", name, "echo", "found"])).stdout).toBe("found\n");
    await using pty = await attach(s, name);
    await type(pty, "echo still $MARK", "\nstill mine\r\n");
    pty.write("exit 6\r");
    expect(await ended(pty)).toEqual({ code: 6, signal: null });
    await s.gone();
  });

  test.concurrent("keeps a one-off running when the window of its attached client is closed", async () => {
    await using s = scene();
    const container = await s.detached(["--tty", "app", "sh"]);
    await using pty = await attach(s, container);
    await type(pty, "echo here", "\nhere\r\n");
    pty.hangup();
    expect(await ended(pty)).toEqual({ code: 129, signal: null });
    await sleep(500);
    expect(await isRunning(container)).toBe(true);
  });
});

describe("--on-disconnect", () => {
  const TRAPS = "trap 'echo hup >> /tmp/log' HUP; trap 'echo term >> /tmp/log; exit 3' TERM";
  /** It writes all the time, so that every side notices the loss of the terminal. */
  const LOOP = `${TRAPS}; echo ready; while :; do echo tick; sleep 0.02; done`;
  const closeWindow = async (s: Oneoffs, options: readonly string[]) => {
    await using pty = await s.pty([...options, "app", "sh", "-c", LOOP]);
    await see(pty, "ready");
    const { Id } = await s.running();
    pty.hangup();
    const { code } = await ended(pty);
    return { container: Id as string, code };
  };
  const log = async (s: Oneoffs, container: string) => (await s.oneoff(["exec", container, "cat", "/tmp/log"])).stdout;

  for (const [scope, rows] of quickAndFull([[[]], [["--on-disconnect", "stop"]]], 1))
    test.concurrent.each(rows)("stops the one-off when the window is closed with %j", scope, async (options) => {
      await using s = scene();
      await closeWindow(s, options);
      await s.gone();
    });

  test.concurrent("--on-disconnect keep: the one-off continues without a signal", async () => {
    await using s = scene();
    const { container, code } = await closeWindow(s, ["--on-disconnect", "keep"]);
    expect(code).toBe(129);
    await sleep(1_000);
    const { State, Name } = await inspect(container);
    expect({ running: State.Running, left: Name.endsWith(".left") }).toEqual({ running: true, left: true });
    expect(await log(s, container)).toBe("");
    await using pty = await s.ptyOneoff(["attach", container]);
    await see(pty, "tick");
  });

  test.concurrent("--on-disconnect hup: sends SIGHUP once, and the one-off continues", async () => {
    await using s = scene();
    const { container, code } = await closeWindow(s, ["--on-disconnect", "hup"]);
    expect(code).toBe(129);
    await eventually(async () => expect(await log(s, container)).toBe("hup\n"));
    await sleep(500);
    expect(await log(s, container)).toBe("hup\n");
    expect(await isRunning(container)).toBe(true);
  });

  test.concurrent("--on-disconnect hup: ends a one-off without a handler, and leaves nothing", async () => {
    await using s = scene();
    await using pty = await s.pty(["--on-disconnect", "hup", "app", "sh", "-c", "echo ready; exec sleep 600"]);
    await see(pty, "ready");
    pty.hangup();
    expect(await ended(pty)).toEqual({ code: 129, signal: null });
    await s.gone();
  });
});

test.concurrent("keeps a one-off running when its oneoff is killed with -9", async () => {
  await using s = scene();
  await using live = await s.start(["app", "sh", "-c", "echo ready; sleep 6; exit 3"]);
  await eventually(() => expect(live.stdout.toString()).toBe("ready\n"));
  const { Id, HostConfig } = await s.running();
  expect(HostConfig.AutoRemove).toBe(true);
  live.child.kill("SIGKILL");
  expect(await isRunning(Id)).toBe(true);
  // Another client can still read its exit code.
  expect((await s.oneoff(["attach", Id])).code).toBe(3);
  await s.gone();
});
