import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, inject, test } from "vitest";
import { api } from "../support/docker-api.ts";
import { eventually, oneoffSuite, said } from "../support/oneoff-suite.ts";
import { quickAndFull } from "../support/quick.ts";

const host = inject("engineHost");
const engine = api(host);
const suite = oneoffSuite(host);

const inspect = async (container: string) => (await engine.get(`/containers/${container}/json`)).body;
const isRunning = async (container: string) => (await inspect(container)).State.Running;

const LOG_DRIVER = inject("engine").name === "podman" ? "json-file" : "local";

/** The one-offs of a test, which removes them, since they are kept. */
const scene = () => suite.apart();

describe("run:detached", () => {
  test.concurrent("prints only the id of a detached one-off, and a hint how to follow it", async () => {
    await using s = scene();
    const { code, stdout, stderr } = await s.run(["--detach", "app", "sleep", "600"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[0-9a-f]{64}\n$/);
    const { Name, Config, HostConfig } = await inspect(stdout.trim());
    const name = Config.Labels["dev.oneoff.name"];
    expect(Name).toBe(`/app.${name}`);
    expect(stderr).toBe(`${name} is running in the background; follow it with: oneoff logs --follow ${name}\n`);
    expect(Config).toMatchObject({ Tty: false, OpenStdin: false });
    expect(HostConfig).toMatchObject({ AutoRemove: false, LogConfig: { Type: LOG_DRIVER } });
    // It may run a day, and is kept a day.
    expect(Config.Labels).toMatchObject({ "dev.oneoff.timeout": "86400", "dev.oneoff.retain": "86400" });
  });

  test.concurrent("run:detached returns at once, and holds neither output of its caller open", async () => {
    await using s = scene();
    const began = Date.now();
    const script = 'id=$("$@" 2>&1); echo "<$id>"';
    const { code, stdout } = await s.bash(script, ["--quiet", "--detach", "app", "sleep", "600"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^<[0-9a-f]{64}>\n$/) });
    expect(Date.now() - began).toBeLessThan(20_000);
    expect(await isRunning(stdout.slice(1, 65))).toBe(true);
  });

  test.concurrent("run:detached leaves stdin to the next command of a script", async () => {
    await using s = scene();
    const { stdout } = await s.bash('printf "one\\ntwo\\n" | { "$@" >/dev/null; cat; }', [
      ...["--quiet", "--detach", "app", "cat"],
    ]);
    expect(stdout).toBe("one\ntwo\n");
  });

  test.concurrent("run:detached exits with 127 for a command that cannot be started, and leaves nothing", async () => {
    await using s = scene();
    const { code, stdout } = await s.run(["--detach", "--no-init", "app", "no-such-command"]);
    expect({ code, stdout }).toEqual({ code: 127, stdout: "" });
    expect(await s.containers()).toEqual([]);
  });
});

describe("detached one-off after its end", () => {
  test.concurrent("keeps a detached one-off after its end, with its log and exit code", async () => {
    await using s = scene();
    const container = await s.detached(["app", "sh", "-c", "echo out; echo err >&2; exit 7"]);
    const [wait, again] = [await s.oneoff(["wait", container]), await s.oneoff(["wait", container])];
    expect([wait, again]).toEqual(Array(2).fill({ code: 7, stdout: "", stderr: "" }));
    expect(await s.oneoff(["attach", container])).toEqual({ code: 7, stdout: "out\n", stderr: "err\n" });
    const { State } = await inspect(container);
    expect(State).toMatchObject({ Status: "exited", ExitCode: 7 });
    const listed = JSON.parse((await s.oneoff(["ps", "--all", "--format", "json"])).stdout);
    const { finishedAt } = listed.find(({ containerId }: { containerId: string }) => containerId === container);
    expect(Date.parse(finishedAt)).toBe(Date.parse(new Date(State.FinishedAt).toISOString()));
  });

  test.concurrent("leaves nothing of a detached one-off with --retain 0", async () => {
    await using s = scene();
    const container = await s.detached(["--retain", "0", "app", "true"]);
    await s.gone();
    const { code, stderr } = await s.oneoff(["wait", container]);
    expect({ code, stderr }).toEqual({
      code: 125,
      stderr: `oneoff: No such one-off "${container.slice(0, 60)}…"\n  oneoff ps --all\n`,
    });
  });

  test.concurrent("keeps a detached one-off as long as requested, then reaps it", async () => {
    await using s = scene();
    const container = await s.detached(["--retain", "1", "app", "sleep", "2"]);
    expect((await inspect(container)).Config.Labels["dev.oneoff.retain"]).toBe("1");
    await s.oneoff(["wait", container]);
    // A run reaps in passing.
    await eventually(async () => {
      await s.run(["app", "true"]);
      expect(await s.containers()).toEqual([]);
    });
  });
});

describe("--tail", () => {
  test.concurrent("--tail prints output on its own stream, returns the exit code, and keeps the one-off", async () => {
    await using s = scene();
    const { code, stdout, stderr } = await s.run(["--detach", "--tail", "app", "echo out; echo err >&2; exit 7"]);
    expect({ code, stdout }).toEqual({ code: 7, stdout: "out\n" });
    // The engine may send the first output before it acknowledges the start.
    expect(stderr.split("\n").sort()).toEqual([
      "",
      "err",
      expect.stringMatching(/^run\.\d+ is running in the background; /),
    ]);
    const [kept] = await s.containers();
    expect(kept).toMatchObject({ State: expect.stringMatching(/^(exited|stopped)$/) });
    expect(await s.oneoff(["attach", kept?.Id ?? ""])).toEqual({ code: 7, stdout: "out\n", stderr: "err\n" });
  });

  for (const [scope, rows] of quickAndFull(
    [
      ["SIGINT", 130],
      ["SIGTERM", 143],
      ["SIGHUP", 129],
    ] as const,
    1,
  ))
    test.concurrent.each(rows)(
      "%s ends --tail with %i, and leaves the one-off running",
      scope,
      async (signal, code) => {
        await using s = scene();
        const words = ["--detach", "--tail", "app", "sh", "-c", "echo ready; exec sleep 600"];
        await using live = await s.start(words);
        await eventually(() => expect(live.stdout.toString()).toBe("ready\n"));
        live.child.kill(signal);
        const told = await said(live);
        expect(told.code).toBe(code);
        expect(told.stderr).toMatch(/\n(run\.\d+) is still running; reattach with: oneoff attach \1\n$/);
        const { Id } = await s.running();
        await sleep(300);
        expect(await isRunning(Id)).toBe(true);
      },
    );

  test.concurrent("a reader that exits ends --tail with 141, and leaves the one-off running", async () => {
    await using s = scene();
    const script = `"$@" | head -1; exit $PIPESTATUS`;
    const { code, stdout } = await s.bash(script, [
      ...["--quiet", "--detach", "--tail", "app", "sh", "-c", "while :; do echo tick; sleep 0.05; done"],
    ]);
    expect({ code, stdout }).toEqual({ code: 141, stdout: "tick\n" });
    expect(await isRunning((await s.running()).Id)).toBe(true);
  });
});

describe("wait", () => {
  test.concurrent("wait returns the exit code of a one-off while it runs, and afterwards", async () => {
    await using s = scene();
    const container = await s.detached(["app", "sh", "-c", "sleep 5; exit 7"]);
    expect(await isRunning(container)).toBe(true);
    const name = (await inspect(container)).Name.slice(1);
    const together = [container, container.slice(0, 12), name].map((word) => s.oneoff(["wait", word]));
    expect(await Promise.all(together)).toEqual(Array(3).fill({ code: 7, stdout: "", stderr: "" }));
    expect((await s.oneoff(["wait", container])).code).toBe(7);
  });

  test.concurrent("wait prints the exit code of several one-offs in order, and returns the first failure", async () => {
    await using s = scene();
    const [well, seven, three] = await Promise.all(
      ["exit 0", "sleep 1; exit 7", "exit 3"].map((script) => s.detached(["app", "sh", "-c", script])),
    );
    const name = async (id = "") => (await inspect(id)).Config.Labels["dev.oneoff.name"];
    const names = await Promise.all([well, seven, three].map(name));
    expect(await s.oneoff(["wait", well as string, seven as string, three as string])).toEqual({
      code: 7,
      stdout: `${names[0]} 0\n${names[1]} 7\n${names[2]} 3\n`,
      stderr: "",
    });
  });

  test.concurrent("wait exits with 124 after --timeout, and stops nothing", async () => {
    await using s = scene();
    const container = await s.detached(["app", "sleep", "600"]);
    expect(await s.oneoff(["wait", "--timeout", "1", container])).toEqual({
      ...{ code: 124, stdout: "", stderr: "oneoff: Still running after 1 s; nothing was stopped\n  oneoff ps\n" },
    });
    expect(await isRunning(container)).toBe(true);
    await engine.post(`/containers/${container}/kill`);
    // A one-off that was killed before its timeout has its own exit code.
    expect((await s.oneoff(["wait", "--timeout", "1m", container])).code).toBe(137);
  });

  test.concurrent("wait returns 124 for a one-off that was stopped at its timeout, during and after", {
    tags: ["full"],
  }, async () => {
    await using s = scene();
    const container = await s.detached(["--timeout", "1", "app", "sleep", "600"]);
    const { "dev.oneoff.name": name } = (await inspect(container)).Config.Labels;
    const during = s.oneoff(["wait", container]);
    // A run reaps in passing.
    await eventually(async () => {
      await s.run(["app", "true"]);
      expect(await isRunning(container)).toBe(false);
    });
    const late = {
      code: 124,
      stdout: "",
      stderr: `oneoff: ${name} was stopped: its deadline has passed\n  oneoff logs ${name}\n`,
    };
    expect(await during).toEqual(late);
    expect(await s.oneoff(["wait", container])).toEqual(late);
  });
});
