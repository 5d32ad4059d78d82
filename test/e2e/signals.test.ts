import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, inject, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { api, ask, containers } from "../support/docker-api.ts";
import { heldEngine } from "../support/held-engine.ts";
import { eventually, type Oneoffs, oneoffSuite, REMOVED, said } from "../support/oneoff-suite.ts";
import type { StartedProcess } from "../support/process.ts";
import { quickAndFull } from "../support/quick.ts";

const host = inject("engineHost");
const suite = oneoffSuite(host);

/** A command that prints a line when it is ready for signals, and waits for them. */
const listening = (traps: string) => ["app", "sh", "-c", `${traps}; echo ready; while :; do sleep 0.05; done`];

const heard = (live: StartedProcess, text: string) =>
  eventually(() => expect(live.stdout.toString()).toContain(text), 10);

const outcome = async (live: StartedProcess) => (await said(live)).code;

describe("while the command runs", () => {
  for (const [scope, rows] of quickAndFull(["--init", "--no-init"], 1))
    test.concurrent.each(rows)(
      "with %s, forwards signals to the command, whose handlers decide (cases 6 and 9)",
      scope,
      async (init) => {
        const names = ["HUP", "QUIT", "USR1", "USR2", "ALRM", "INT", "CONT"] as const;
        const traps = names.map((name) => `trap 'echo got ${name}' ${name}`).join("; ");
        await using live = await suite.start([init, ...listening(`${traps}; trap 'exit 33' TERM`)]);
        await heard(live, "ready\n");
        for (const name of names) {
          live.child.kill(`SIG${name}`);
          await heard(live, `got ${name}\n`);
        }
        live.child.kill("SIGTERM");
        expect(await said(live)).toEqual({
          code: 33,
          stdout: `ready\n${names.map((name) => `got ${name}\n`).join("")}`,
          stderr: "",
        });
      },
    );

  test.concurrent("exits with 0 when a handler of SIGTERM does (case 6)", async () => {
    await using mine = suite.apart();
    await using live = await mine.start(listening("trap 'exit 0' TERM"), { stdin: "pipe" });
    await heard(live, "ready");
    live.child.kill("SIGTERM");
    expect(await outcome(live)).toBe(0);
    await mine.gone();
  });

  for (const [scope, rows] of quickAndFull(
    [
      ["SIGTERM", 143],
      ["SIGHUP", 129],
      ["SIGINT", 130],
      ["SIGQUIT", 131],
      ["SIGUSR1", 138],
      ["SIGUSR2", 140],
    ] as const,
    2,
  ))
    test.concurrent.each(rows)("%s ends a command without a handler, with %i", scope, async (signal, code) => {
      await using mine = suite.apart();
      await using live = await mine.start(["app", "sh", "-c", "echo ready; exec sleep 600"]);
      await heard(live, "ready");
      live.child.kill(signal);
      expect(await said(live)).toEqual({ code, stdout: "ready\n", stderr: "" });
      await mine.gone();
    });

  test.concurrent("does not forward signals about oneoff's own children, pipes and window (case 14)", async () => {
    const names = ["CHLD", "PIPE", "URG", "WINCH"];
    // A shell has children of its own: its handler of SIGCHLD would always run.
    const traps = names.slice(1).map((name) => `trap 'echo got ${name}' ${name}`);
    await using live = await suite.start(
      listening([...traps, "trap 'exit 3' TERM", "trap 'echo last' USR2"].join("; ")),
    );
    await heard(live, "ready");
    for (const name of names) live.child.kill(`SIG${name}` as NodeJS.Signals);
    live.child.kill("SIGUSR2");
    await heard(live, "last");
    live.child.kill("SIGTERM");
    expect(await said(live)).toEqual({ code: 3, stdout: "ready\nlast\n", stderr: "" });
  });

  test.concurrent("stops a command that ignores interrupts at the second ^C", async () => {
    await using mine = suite.apart();
    await using live = await mine.start(listening("trap 'echo no' INT; trap 'echo stopped; exit 44' TERM"));
    await heard(live, "ready");
    live.child.kill("SIGINT");
    await heard(live, "no\n");
    live.child.kill("SIGINT");
    const { code, stdout, stderr } = await said(live);
    expect({ code, stdout }).toEqual({ code: 44, stdout: "ready\nno\nstopped\n" });
    expect(stderr).toMatch(
      /^oneoff: stopping run\.\d{4} \(waiting up to 10 s\); press \^C again to remove it immediately\n$/,
    );
    await mine.gone();
  });

  test.concurrent("removes a command that ignores stops at the third ^C, and exits with 130", async () => {
    await using mine = suite.apart();
    await using live = await mine.start(listening("trap '' INT TERM"));
    await heard(live, "ready");
    live.child.kill("SIGINT");
    await sleep(100);
    live.child.kill("SIGINT");
    await eventually(() => expect(live.stderr.toString()).toContain("stopping"));
    live.child.kill("SIGINT");
    const { code, stdout, stderr } = await said(live);
    expect({ code, stdout }).toEqual({ code: 130, stdout: "ready\n" });
    expect(stderr).toMatch(/^oneoff: stopping .*\noneoff: removing run\.\d{4}\n$/);
    await mine.gone();
  });

  test.concurrent("reports nothing when the command exits before the engine has forwarded a signal", async () => {
    await using mine = suite.apart();
    await using engine = await heldEngine(host);
    const hold = engine.hold("request", /^POST \/v[\d.]+\/containers\/\w+\/kill/);
    const env = { DOCKER_HOST: engine.host };
    await using live = await mine.start(["app", "sh", "-c", "echo ready; cat; exit 6"], { stdin: "pipe", env });
    await heard(live, "ready");
    live.child.kill("SIGUSR2");
    await hold.reached;
    live.child.stdin?.end();
    expect(await said(live)).toEqual({ code: 6, stdout: "ready\n", stderr: "" });
    await mine.gone();
  });

  test.concurrent("SIGTSTP suspends the command and oneoff, and SIGCONT continues both (case 45)", {
    ...needs("ps", "top by ps"),
    tags: ["full"],
  }, async () => {
    await using mine = suite.apart();
    await using live = await mine.start(["app", "sh", "-c", "while :; do echo tick; sleep 0.05; done"]);
    await heard(live, "tick");
    const { Id } = await mine.running();
    const ours = async () => /\) (\S) /.exec(await readFile(`/proc/${live.pid}/stat`, "latin1"))?.[1];
    const theirs = async () => {
      const { body } = await api(host).get(`/containers/${Id}/top?ps_args=-eo%20pid,stat,args`);
      return (body.Processes as string[][])
        .filter(([, , args]) => args?.startsWith("sh -c"))
        .map(([, stat]) => stat?.[0]);
    };
    live.child.kill("SIGTSTP");
    await eventually(async () => expect([await ours(), await theirs()]).toEqual(["T", ["T"]]));
    const before = live.stdout.length;
    await sleep(500);
    expect(live.stdout.length).toBe(before);
    live.child.kill("SIGCONT");
    await eventually(() => expect(live.stdout.length).toBeGreaterThan(before));
    live.child.kill("SIGTERM");
    expect(await outcome(live)).toBe(143);
  });

  for (const [scope, rows] of quickAndFull(
    [
      ["stopped", "POST", "/stop?t=5", 143],
      ["removed", "DELETE", "?force=1", REMOVED],
      ["killed", "POST", "/kill", 137],
      ["told to quit", "POST", "/kill?signal=QUIT", 131],
    ] as const,
    2,
  ))
    test.concurrent.each(rows)(
      "exits with the code of a container that is %s by another client (case 35)",
      scope,
      async (_what, method, path, code) => {
        await using mine = suite.apart();
        await using live = await mine.start(["app", "sh", "-c", "echo ready; exec sleep 600"], { stdin: "pipe" });
        await heard(live, "ready");
        const { Id } = await mine.running();
        const { status } = await api(host)[method === "POST" ? "post" : "delete"](`/containers/${Id}${path}`);
        expect(status).toBe(204);
        expect(await said(live)).toEqual({ code, stdout: "ready\n", stderr: "" });
        await mine.gone();
      },
    );

  test.concurrent("waits for a container that is paused by another client (case 35)", {
    ...needs("pause"),
    tags: ["full"],
  }, async () => {
    await using mine = suite.apart();
    const script = "echo ready; read -r word; echo $word; exit 7";
    await using live = await mine.start(["app", "sh", "-c", script], { stdin: "pipe" });
    await heard(live, "ready");
    const { Id } = await mine.running();
    expect((await api(host).post(`/containers/${Id}/pause`)).status).toBe(204);
    live.child.stdin?.end("after\n");
    await sleep(1500);
    expect(live.stdout.toString()).toBe("ready\n");
    expect((await api(host).post(`/containers/${Id}/unpause`)).status).toBe(204);
    expect(await said(live)).toEqual({ code: 7, stdout: "ready\nafter\n", stderr: "" });
  });
});

/** The stages of a run at which it can be held, in their order. */
const STAGES = {
  "the container is being created": ["request", /^POST \/v[\d.]+\/containers\/create/],
  "the container has been created": ["answer", /^HTTP\/1\.1 201/],
  "oneoff attaches": ["request", /^POST \/v[\d.]+\/containers\/\w+\/attach/],
  "oneoff begins to wait": ["request", /^POST \/v[\d.]+\/containers\/\w+\/wait/],
  "the command is being started": ["request", /^POST \/v[\d.]+\/containers\/\w+\/start/],
  "the command has been started": ["answer", /^HTTP\/1\.1 204/],
} as const;
type Stage = keyof typeof STAGES;

/** Starts a run that is held at a stage. */
const heldAt = async (stage: Stage, words: readonly string[], mine: Oneoffs) => {
  const engine = await heldEngine(host);
  const [side, pattern] = STAGES[stage];
  const hold = engine.hold(side, pattern);
  const live = await mine.start(words, { env: { DOCKER_HOST: engine.host } });
  await Promise.race([
    hold.reached,
    live.done.then((how) => Promise.reject(new Error(`Ended: ${how.code} ${how.stderr}`))),
  ]);
  return { engine, hold, live };
};

describe("before the command runs", () => {
  const stages = Object.keys(STAGES) as Stage[];

  /** The first rows are each stage with one of the signals. */
  const pairs = [0, 1].flatMap((other) =>
    stages.map((stage, at): [Stage, NodeJS.Signals, number] =>
      (at + other) % 2 === 0 ? [stage, "SIGTERM", 143] : [stage, "SIGINT", 130],
    ),
  );

  for (const [scope, rows] of quickAndFull(pairs, stages.length))
    test.concurrent.each(rows)(
      "while %s, %s ends the run with %i, and nothing is left (case 42)",
      scope,
      async (stage, signal, code) => {
        await using mine = suite.apart();
        const { engine, hold, live } = await heldAt(stage, ["app", "sleep", "600"], mine);
        await using _engine = engine;
        await using _live = live;
        live.child.kill(signal);
        await sleep(300);
        hold.release();
        // An init that has just started may miss the signal from any sender.
        setTimeout(() => live.child.kill(signal), 15_000).unref();
        const { code: got, stdout, stderr } = await said(live);
        expect({ code: got, stdout }).toEqual({ code, stdout: "" });
        // Once the command runs it handles the signal itself.
        if (stages.indexOf(stage) < stages.indexOf("the command is being started"))
          expect(stderr).toBe(
            `oneoff: Terminated by ${signal} before the command was started; nothing is left behind\n`,
          );
        else expect(stderr).toBe("");
        await mine.gone();
      },
    );

  for (const [scope, rows] of quickAndFull(stages.slice(0, 5), 2))
    test.concurrent.each(rows)("while %s, ^C exits even if the engine never answers", scope, async (stage) => {
      await using mine = suite.apart();
      const { engine, live } = await heldAt(stage, ["app", "sleep", "600"], mine);
      await using _engine = engine;
      await using _live = live;
      // A user would not type it more often.
      for (let times = 0; times < 3; times++) {
        live.child.kill("SIGINT");
        await sleep(300);
      }
      const still = sleep(10_000).then(() => "still running");
      expect(await Promise.race([outcome(live), still])).toBe(130);
    });

  test.concurrent("^C ends a pull", async () => {
    await using engine = await heldEngine(host);
    const hold = engine.hold("request", /^POST \/v[\d.]+\/images\/create/);
    const words = ["--pull=always", "--image", "localhost:1/no/such:image", "app", "true"];
    await using live = await suite.start(words, { env: { DOCKER_HOST: engine.host } });
    await hold.reached;
    live.child.kill("SIGINT");
    const still = sleep(10_000).then(() => "still running");
    expect(await Promise.race([said(live), still])).toMatchObject({ code: 130, stderr: expect.stringMatching(/./) });
  });

  const detached = stages.filter((stage) => !["oneoff attaches", "oneoff begins to wait"].includes(stage));
  for (const [scope, rows] of quickAndFull(detached, 1))
    test.concurrent.each(rows)(
      "while %s, SIGTERM to --detach leaves nothing that was not started",
      scope,
      async (stage) => {
        await using mine = suite.apart();
        const { engine, hold, live } = await heldAt(stage, ["--detach", "--retain", "0", "app", "sleep", "2"], mine);
        await using _engine = engine;
        await using _live = live;
        live.child.kill("SIGTERM");
        await sleep(100);
        hold.release();
        await live.done;
        // The engine may still be starting it. A command that has started by then ends like any other.
        await sleep(500);
        await mine.gone();
      },
    );

  test.concurrent("delays a signal that does not end a program until the command runs", async () => {
    await using mine = suite.apart();
    const words = ["app", "sh", "-c", "echo ready; exec sleep 600"];
    const { engine, hold, live } = await heldAt("oneoff attaches", words, mine);
    await using _engine = engine;
    await using _live = live;
    live.child.kill("SIGUSR2");
    await sleep(100);
    hold.release();
    expect(await outcome(live)).toBe(140);
    await mine.gone();
  });
});

describe("SIGKILL to oneoff (case 42)", () => {
  /** The containers that a command runs in, or ran in. */
  const begun = async (mine: Oneoffs) =>
    (await containers(host, mine.label)).filter(({ State }) => State !== "created").map(({ State }) => State);

  test.concurrent("the container of a killed oneoff is removed when its command exits", async () => {
    await using mine = suite.apart();
    // It is kept, since otherwise an `oneoff reap` of another test may stop it.
    const script = "echo ready; while ! [ -e /go ]; do sleep 0.1; done";
    const words = ["--on-disconnect", "keep", "app", "sh", "-c", script];
    await using live = await mine.start(words, { stdin: "pipe" });
    await heard(live, "ready");
    live.child.kill("SIGKILL");
    expect(await live.done).toMatchObject({ code: null, signal: "SIGKILL" });
    const { Id } = await mine.running();
    await ask(host, Id, "touch /go");
    await mine.gone();
  });

  test.concurrent("the container of an oneoff that is killed just after the start is removed when its command exits", {
    tags: ["full"],
  }, async () => {
    await using mine = suite.apart();
    const { engine, live } = await heldAt("the command has been started", ["app", "sleep", "1"], mine);
    await using _engine = engine;
    live.child.kill("SIGKILL");
    await live.done;
    await mine.gone();
  });

  test.concurrent("creates no container when oneoff is killed before the create request", async () => {
    await using mine = suite.apart();
    const { engine, live } = await heldAt("the container is being created", ["app", "sleep", "1"], mine);
    live.child.kill("SIGKILL");
    await live.done;
    await engine[Symbol.asyncDispose]();
    await mine.gone();
  });

  /** Kills so many, the first after 0 ms and the last one after 400. */
  const killed = async (count: number) => {
    const delays = Array.from({ length: count }, (_, step) => (step * 400) / (count - 1));
    const next = delays.values();
    await using mine = suite.apart();
    const work = async () => {
      for (const delay of next) {
        await using live = await mine.start(["app", "sleep", "1"]);
        await sleep(delay);
        live.child.kill("SIGKILL");
        await live.done;
      }
    };
    await Promise.all([work(), work(), work(), work()]);
    // A pending start may still happen, so the engine must stay idle for longer than a command lasts.
    await eventually(async () => {
      for (let look = 0; look < 10; look++) {
        // A container that was created and not started is left, since its client is dead.
        expect(await begun(mine)).toEqual([]);
        await sleep(250);
      }
    });
  };
  const gone = "its containers are removed when their commands exit, and none is started later";
  test(`when oneoff is killed at some moments, ${gone}`, () => killed(5));
  test(`when oneoff is killed at any moment, ${gone}`, { tags: ["full"] }, () => killed(41));
});
