import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { baseImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { api } from "../support/docker-api.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { folder } from "../support/folder.ts";
import { type Hold, heldEngine } from "../support/held-engine.ts";
import { BINARY, eventually, type Said, said } from "../support/oneoff-suite.ts";
import { type StartedProcess, start } from "../support/process.ts";

/** Checks everything that is left on the engine, and reaps: this file has an engine of its own. */
const SOME = 15;
const MANY = 100;
const COMMAND_TIMEOUT_MS = 110_000;

interface Entry {
  readonly time: string;
  readonly app: string;
  readonly name: string;
  readonly containerId: string;
  readonly event: string;
  readonly exitCode?: number;
}

describe("on a private engine", needs("its own"), () => {
  let engine: TestEngine;
  let home: Awaited<ReturnType<typeof folder>>;
  beforeAll(async () => {
    engine = await startEngine();
    await baseImage(engine.host);
    home = await folder();
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await home[Symbol.asyncDispose]();
  });

  type Options = NonNullable<Parameters<typeof start>[1]>;
  const run = (words: readonly string[], options: Options = {}): Promise<StartedProcess> =>
    start([BINARY, ...words], {
      timeout: COMMAND_TIMEOUT_MS,
      ...options,
      env: { DOCKER_HOST: engine.host, XDG_STATE_HOME: home.path, ...options.env },
    });
  const oneoff = async (...words: string[]): Promise<Said> => said(await run(words));

  /** The number of all containers and volumes of the engine. */
  async function left(): Promise<Record<string, number>> {
    const { get } = api(engine.host);
    const containers = (await get("/containers/json?all=1")).body as { Names: string[]; State: string }[];
    const volumes = ((await get("/volumes")).body.Volumes ?? []) as unknown[];
    const kinds = [
      // Podman reports a running container as stopping.
      ...containers.map(
        ({ Names, State }) => `${Names[0]?.replace(/\d+$/, "N")} ${State.replace("stopping", "running")}`,
      ),
      ...volumes.map(() => "volume"),
    ];
    return Object.fromEntries(
      Object.entries(Object.groupBy(kinds, (kind) => kind)).map(([kind, of = []]) => [kind, of.length]),
    );
  }
  const nothingLeft = () => eventually(async () => expect(await left()).toEqual({}));
  // The leftovers of a failed test must not fail the next one.
  afterEach(async () => {
    const { get, delete: remove } = api(engine.host);
    for (const { Id } of (await get("/containers/json?all=1")).body) await remove(`/containers/${Id}?force=1&v=1`);
  });

  /** The journal of an app, in which every line must be complete. */
  function journal(app: string): Entry[] {
    const place = join(home.path, "oneoff/journal");
    const files = readdirSync(place).filter((name) => name.includes(`.${app}.`));
    return files.flatMap((name) => {
      const text = readFileSync(join(place, name), "utf8");
      expect(text.endsWith("\n")).toBe(true);
      return text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Entry);
    });
  }

  /** The events of each one-off, by its name: names of existing one-offs are unique. */
  function lives(app: string): Map<string, string[]> {
    const byContainer = Map.groupBy(journal(app), ({ containerId }) => containerId);
    const all = Array.from(byContainer.values(), (entries): [string, string[]] => [
      entries[0]?.name ?? "",
      entries.map(({ event, exitCode }) => (exitCode === undefined ? event : `${event} ${exitCode}`)),
    ]);
    expect(new Set(all.map(([name]) => name)).size).toBe(all.length);
    return new Map(all);
  }

  const attached = async (count: number) => {
    const app = `attached-${count}`;
    const payloads = Array.from({ length: count }, () => randomBytes(20_000));
    const script = (index: number) => `echo $DYNO; echo err ${index} >&2; cat; exit ${index}`;
    const runs = payloads.map((stdin, index) =>
      run(["run", "--image", "busybox:local", app, "sh", "-c", script(index)], { stdin }),
    );
    const all = await Promise.all(runs.map(async (live) => (await live).done));
    const names = all.map(({ code, stdout, stderr }, index) => {
      const end = stdout.indexOf(10) + 1;
      expect({ code, stderr: stderr.toString(), rest: stdout.subarray(end).equals(payloads[index] as Buffer) }).toEqual(
        {
          ...{ code: index, stderr: `err ${index}\n`, rest: true },
        },
      );
      return stdout.toString("utf8", 0, end).trim();
    });
    expect(new Set(names).size).toBe(count);
    expect(Object.fromEntries(lives(app))).toEqual(
      Object.fromEntries(names.map((name, index) => [name, ["starting", "up", `exited ${index}`]])),
    );
    await nothingLeft();
  };
  const lose = "attached one-offs at the same time lose no output, share no name, and leave nothing";
  test(`${SOME} ${lose}`, () => attached(SOME));
  test(`${MANY} ${lose}`, { tags: ["full"] }, () => attached(MANY));

  const detached = async (count: number) => {
    const app = `detached-${count}`;
    const script = (index: number) => `echo out ${index}; echo err ${index} >&2; exit ${index}`;
    const words = ["run", "--detach", "--quiet", "--image", "busybox:local", app, "sh", "-c"];
    const runs = Array.from({ length: count }, (_, index) => oneoff(...words, script(index)));
    const all = await Promise.all(runs);
    const ids = all.map(({ code, stdout, stderr }) => {
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/^[0-9a-f]{64}\n$/);
      return stdout.trim();
    });
    expect(new Set(ids).size).toBe(count);

    const waited = await oneoff("wait", ...ids);
    expect({ ...waited, stdout: "" }).toEqual({ code: 1, stdout: "", stderr: "" });
    const names = waited.stdout
      .trim()
      .split("\n")
      .map((line, index) => {
        const [name = "", code] = line.split(" ");
        expect(code).toBe(String(index));
        return name;
      });
    const known = new Map(journal(app).map(({ containerId, name }) => [containerId, name]));
    expect(ids.map((id) => known.get(id))).toEqual(names);
    expect([...lives(app).values()]).toEqual(Array(count).fill(["starting", "up"]));

    const { code, stdout, stderr } = await oneoff("logs", "-n", "10000", app);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const told = Map.groupBy(stdout.trimEnd().split("\n"), (line) => /run\.\d+/.exec(line)?.[0] ?? line);
    expect([...told.keys()].sort()).toEqual(names.toSorted());
    for (const [index, name] of names.entries()) {
      const state = index === 0 ? "complete" : "crashed";
      const lines = told
        .get(name)
        ?.map((line) =>
          line
            .replace(/^(?:(oneoff) *\| run\.\d+:|run\.\d+ *\|) /, (_, own) => (own ? "oneoff: " : "app: "))
            .replace(/ by user .*/, ""),
        );
      // Output on two streams may come in either order, and before the engine has reported the start.
      expect([...(lines?.slice(0, 1) ?? []), ...(lines?.slice(1, 4).sort() ?? []), ...(lines?.slice(4) ?? [])]).toEqual(
        [
          `oneoff: Starting process with command \`sh -c '${script(index)}'\``,
          ...[`app: err ${index}`, `app: out ${index}`, "oneoff: State changed from starting to up"],
          `oneoff: Process exited with status ${index}`,
          `oneoff: State changed from up to ${state}`,
        ],
      );
    }
    expect(await oneoff("reap")).toEqual({ code: 0, stdout: "", stderr: "Nothing to reap\n" });
    expect(await left()).toEqual({ [`/${app}.run.N exited`]: count });
  };
  const each = "detached one-offs at the same time have their own id, name, output and exit code, and are kept";
  test(`${SOME} ${each}`, () => detached(SOME));
  test(`${MANY} ${each}`, { tags: ["full"] }, () => detached(MANY));

  /** Reaps repeatedly: a stopped one-off can only be removed the next time. */
  const reapAll = () =>
    eventually(async () => {
      const { code, stderr } = await oneoff("reap");
      expect([code, stderr.replace("Nothing to reap\n", "")]).toEqual([0, ""]);
      expect(await left()).toEqual({});
    }, 500);

  /** A one-off that is killed at a request or an answer of its own. */
  async function stopped(side: "request" | "answer", pattern: RegExp, words: readonly string[], options: Options = {}) {
    const held = await heldEngine(engine.host);
    const hold: Hold = held.hold(side, pattern);
    const live = await run(words, { ...options, env: { DOCKER_HOST: held.host } });
    await Promise.race([
      hold.reached,
      live.done.then(async () => Promise.reject(new Error(JSON.stringify(await said(live))))),
    ]);
    return {
      async kill() {
        live.child.kill("SIGKILL");
        await live.done;
        await held[Symbol.asyncDispose]();
      },
    };
  }

  /** A one-off that is killed when it has printed this. */
  async function running(pattern: RegExp, words: readonly string[], begin: (live: StartedProcess) => void = () => {}) {
    const live = await run(words);
    await eventually(() => expect(live.stdout.toString()).toContain("ready"));
    begin(live);
    await eventually(() => expect(`${live.stdout}${live.stderr}`).toMatch(pattern));
    return {
      async kill() {
        live.child.kill("SIGKILL");
        await live.done;
      },
    };
  }

  test("reaps everything that a killed oneoff has left, at every stage", {
    tags: ["full"],
  }, async () => {
    await using here = await folder({ "upload/big": "MARK".repeat(1_000_000) });
    const image = ["--image", "busybox:local"];
    // A tmpfs at the target of an upload makes a volume that can be left, too.
    const upload = ["--mount", "type=tmpfs,target=/tmp", "--file", "upload"];
    const fetch = ["--fetch", "/app/big:fetched"];
    const cwd = here.path;
    const START = /^POST \S*\/start/;
    const shell = (script: string) => ["killed", "sh", "-c", script];
    const app = shell("echo ready; sleep 600");
    const heedless = "echo ready; while :; do sleep 1; done";

    const stages = await Promise.all([
      stopped("answer", /^HTTP\/1\.1 201/, ["run", ...image, ...upload, ...app], { cwd }),
      stopped("request", /MARK/, ["run", ...image, ...upload, ...fetch, ...app], { cwd }),
      stopped("request", START, ["run", ...image, ...upload, ...app], { cwd }),
      stopped("request", START, ["run", ...image, ...upload, "--detach", ...app], { cwd }),
      stopped("request", START, ["run", ...image, ...upload, "--lock", "not-started", ...app], { cwd }),
      stopped("answer", /FETCHED/, ["run", ...image, ...fetch, "killed", "yes FETC''HED | head -c 4000000 >/app/big"], {
        cwd,
      }),
      running(/ready/, ["run", ...image, ...app]),
      running(/ready/, ["run", ...image, "--fetch", "/app/none", ...app]),
      running(/ready/, ["run", ...image, "--lock", "held", ...app]),
      running(/stopping run/, ["run", ...image, ...shell(`trap : INT TERM; ${heedless}`)], (live) => {
        live.child.kill("SIGINT");
        // Two events at the same time are one.
        setTimeout(() => live.child.kill("SIGINT"), 200);
      }),
      running(/stopping run/, ["run", ...image, "--timeout", "1s", ...shell(`trap : TERM; ${heedless}`)]),
    ]);
    for (const stage of stages) await stage.kill();
    const waiting = await run(["run", ...image, "--lock", "held", "--on-conflict", "wait", ...app]);
    await eventually(() => expect(waiting.stderr.toString()).toContain("waiting for lock "));
    waiting.child.kill("SIGKILL");
    await waiting.done;

    const { "/killed.run.N running": alive, ...there } = await left();
    // A one-off that is being stopped may exit by itself.
    expect(alive).toBeGreaterThanOrEqual(3);
    expect(there).toEqual({
      "/killed.run.N created": 6,
      "/killed.run.N exited": 1,
      "/oneoff.lock.held created": 1,
      "/oneoff.lock.not-started created": 1,
      volume: 5,
    });
    const { stdout } = await oneoff("reap", "--dry-run");
    for (const [what, least] of [
      [/^Would remove run\.\d+ of killed: .*never/gm, 6],
      [/^Would stop run\.\d+ of killed: its client has exited$/gm, 3],
      [/lock/gm, 1],
    ] as const) {
      expect([what, (stdout.match(what)?.length ?? 0) >= least, stdout]).toEqual([what, true, stdout]);
    }
    await reapAll();
    expect(await oneoff("locks")).toMatchObject({ code: 0, stdout: "" });
    const events = new Set(journal("killed").map(({ event }) => event));
    expect(events).toEqual(new Set(["starting", "up", "stopping", "exited"]));
    for (const words of [
      ["ps", "--all", "killed"],
      ["logs", "killed"],
    ]) {
      expect(await oneoff(...words)).toMatchObject({ code: 0, stderr: "" });
    }
  });

  test("reaps everything that a killed oneoff has left, at any moment between the stages", {
    tags: ["full"],
  }, async () => {
    await using here = await folder({ upload: Buffer.alloc(8_000_000) });
    const files = ["--mount", "type=tmpfs,target=/tmp", "--file", "upload", "--fetch", "/app/big:fetched", "--force"];
    const words = (index: number) => [
      ...["run", "--quiet", "--image", "busybox:local", ...files, "--lock", `moment-${index}`],
      ...["moment", "sh", "-c", "head -c 8000000 /dev/zero >/app/big; trap : TERM; sleep 0.1"],
    ];
    const WAVE = 6;
    const wave = (from: number) =>
      Array.from({ length: WAVE }, (_, index) => run(words(from + index), { cwd: here.path }));
    const began = performance.now();
    for (const live of await Promise.all(wave(0)))
      expect(await said(live)).toEqual({ code: 0, stdout: "", stderr: "" });
    const whole = performance.now() - began;
    const ROUNDS = 4;
    let ended = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const lives = await Promise.all(wave((round + 1) * WAVE));
      const kills = lives.map(async (live, index) => {
        await sleep(((index * ROUNDS + round) / (WAVE * ROUNDS)) * whole);
        if (!live.child.kill("SIGKILL")) ended += 1;
        await live.done;
      });
      await Promise.all(kills);
    }
    expect(ended).toBeLessThan((WAVE * ROUNDS * 3) / 4);
    await reapAll();
    journal("moment");
    expect(await oneoff("ps", "--all", "moment")).toMatchObject({ code: 0, stderr: "" });
  });
});
