import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { baseImage, buildImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { api, removeByLabel } from "../support/docker-api.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { BINARY, eventually, type Oneoffs, oneoffs, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";
import { quickAndFull } from "../support/quick.ts";
import { shiftedEngine } from "../support/shifted-engine.ts";

/** Reaping affects every one-off on an engine, so this file has an engine of its own. */
describe("on a private engine", needs("its own"), () => {
  let engine: TestEngine;
  let mine: Oneoffs;
  beforeAll(async () => {
    engine = await startEngine();
    await baseImage(engine.host);
    mine = oneoffs(engine.host, "test.oneoff=reap");
  });
  afterEach(() => removeByLabel(engine.host, "test.oneoff=reap"));
  afterAll(() => engine[Symbol.asyncDispose]());

  const run = (...words: string[]) => start([BINARY, ...words], { env: { DOCKER_HOST: engine.host }, timeout: 60_000 });
  const oneoff = async (...words: string[]) => said(await run(...words));

  /** A container with these labels; it is not started without a command. */
  async function make(name: string, labels: Record<string, string>, command?: string[], kind = "run") {
    const Labels = {
      "test.oneoff": "reap",
      "dev.oneoff.container": `my-app.${name}`,
      "dev.oneoff.kind": kind,
      "dev.oneoff.app": "my-app",
      "dev.oneoff.name": name,
      ...Object.fromEntries(Object.entries(labels).map(([key, value]) => [`dev.oneoff.${key}`, value])),
    };
    const body = { Image: "busybox:local", Cmd: command ?? ["true"], Labels, HostConfig: { Init: true } };
    const { Id } = (await api(engine.host).post(`/containers/create?name=my-app.${name}`, body)).body;
    if (command) await api(engine.host).post(`/containers/${Id}/start`);
    if (command?.[0] === "true") await api(engine.host).post(`/containers/${Id}/wait`);
    return Id as string;
  }
  const left = async () => (await mine.containers()).map(({ Names, State }) => `${Names[0]} ${State}`).sort();

  test("stops one-offs past their deadline, removes those past their retention, and nothing else", async () => {
    await make("run.1111", { timeout: "1", retain: "3600" }, ["sleep", "600"]);
    await make("run.2222", { timeout: "86400", retain: "3600" }, ["sleep", "600"]);
    await make("run.3333", { retain: "1" }, ["true"]);
    await make("run.4444", { retain: "3600" }, ["true"]);
    await make("web", { retain: "1", timeout: "1" }, ["sleep", "600"], "process");
    await eventually(async () => {
      expect((await oneoff("reap", "--dry-run")).stdout.split("\n").sort()).toEqual([
        "",
        "Would remove run.3333 of my-app: kept for 1s",
        "Would stop run.1111 of my-app: its deadline has passed",
      ]);
    });
    expect(await left()).toHaveLength(5);
    const { code, stdout, stderr } = await oneoff("reap");
    expect({ code, stderr, stdout: stdout.split("\n").sort() }).toEqual({
      code: 0,
      stderr: "",
      stdout: ["", "Removed run.3333 of my-app: kept for 1s", "Stopped run.1111 of my-app: its deadline has passed"],
    });
    expect(await left()).toEqual([
      "/my-app.run.1111 exited",
      "/my-app.run.2222 running",
      "/my-app.run.4444 exited",
      "/my-app.web running",
    ]);
    expect(await oneoff("reap")).toEqual({ code: 0, stdout: "", stderr: "Nothing to reap\n" });
  });

  test("stops one-offs without a client, and not those with one", async () => {
    await using dead = await mine.start(["dead", "sleep", "600"]);
    await mine.running();
    dead.child.kill("SIGKILL");
    await dead.done;
    await using live = await mine.start(["alive", "sh", "-c", "echo up; exec sleep 600"]);
    await eventually(() => expect(live.stdout.toString()).toBe("up\n"));
    const { code, stdout } = await oneoff("reap");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Stopped run\.\d{4} of dead: its client has exited\n$/);
    await eventually(async () => expect(await left()).toHaveLength(1));
    live.child.kill("SIGTERM");
    expect((await said(live)).code).toBe(143);
  });

  test("two clients that reap at the same time share the work, and neither fails", { tags: ["full"] }, async () => {
    const names = Array.from({ length: 12 }, (_, index) => `run.${2000 + index}`);
    await Promise.all(names.map((name) => make(name, { retain: "1" }, ["true"])));
    await eventually(async () => {
      expect((await oneoff("reap", "--dry-run")).stdout.trim().split("\n")).toHaveLength(names.length);
    });
    const both = await Promise.all([oneoff("reap"), oneoff("reap")]);
    for (const { code, stderr } of both) expect([code, stderr.replace("Nothing to reap\n", "")]).toEqual([0, ""]);
    await eventually(async () => expect(await left()).toEqual([]));
    // An engine may report the success to both.
    const told = new Set(both.flatMap(({ stdout }) => stdout.split("\n").filter(Boolean)).sort());
    expect([...told]).toEqual(names.map((name) => `Removed ${name} of my-app: kept for 1s`));
  });

  /** Creates a container and its volume as another tool would. @returns their state at the end. */
  async function foreign(name: string, Image: string, state: "created" | "running" | "exited", Labels = {}) {
    const client = api(engine.host);
    const Cmd = state === "exited" ? ["true"] : ["sleep", "600"];
    const settings = { Volumes: { "/data": {} }, HostConfig: { Init: true } };
    const body = { Image, Cmd, Labels: { "test.oneoff": "reap", ...Labels }, ...settings };
    const { Id } = (await client.post(`/containers/create?name=${name}`, body)).body;
    if (state !== "created") await client.post(`/containers/${Id}/start`);
    if (state === "exited") await client.post(`/containers/${Id}/wait`);
    return async () => {
      const { State, Mounts } = (await client.get(`/containers/${Id}/json`)).body;
      return [State?.Status, (await client.get(`/volumes/${Mounts?.[0].Name}`)).status];
    };
  }
  const ALONE = [
    ["running", 200],
    ["created", 200],
    ["exited", 200],
  ];

  test("leaves containers of an image that was committed from a one-off alone, with their volumes", async () => {
    const client = api(engine.host);
    const id = await mine.detached(["--timeout", "1s", "--retain", "1s", "my-app", "true"]);
    await client.post(`/containers/${id}/wait`);
    await client.post(`/commit?container=${id}&repo=committed&tag=1`, {});
    const others = [
      await foreign("copy-1", "committed:1", "running"),
      await foreign("copy-2", "committed:1", "created"),
      await foreign("copy-3", "committed:1", "exited"),
    ];
    await eventually(async () => {
      expect((await oneoff("reap")).code).toBe(0);
      // The one-off itself is reaped.
      expect((await client.get(`/containers/${id}/json`)).status).toBe(404);
    });
    expect(await mine.run(["my-app", "true"])).toMatchObject({ code: 0 });
    expect(await oneoff("ps", "--all", "--state", "up", "--state", "starting")).toMatchObject({ stdout: "" });
    expect(await oneoff("stop", "--all")).toMatchObject({ code: 0, stderr: "No one-offs are running\n" });
    expect(await oneoff("stop", "copy-1")).toMatchObject({ code: 2 });
    expect(await Promise.all(others.map((state) => state()))).toEqual(ALONE);
    // The lookup recognizes it as another tool's.
    expect(await oneoff("exec", "copy-1", "echo", "there")).toMatchObject({ code: 0, stdout: "there\n" });
  });

  test("leaves a container of a committed one-off alone also if it has the freed name, or a suffix of oneoff's", {
    tags: ["full"],
  }, async () => {
    const client = api(engine.host);
    const name = "own.run.8130";
    const id = await mine.detached(["--name", name, "--timeout", "1s", "--retain", "1s", "my-app", "true"]);
    await client.post(`/containers/${id}/wait`);
    await client.post(`/commit?container=${id}&repo=stolen&tag=1`, {});
    await client.delete(`/containers/${id}?force=1&v=1`);
    const others = [
      await foreign(name, "stolen:1", "running"),
      await foreign(`${name}.left`, "stolen:1", "created"),
      await foreign(`${name}.old`, "stolen:1", "exited"),
    ];
    // By the inherited labels it would be overdue then.
    const own = await mine.detached(["--timeout", "1s", "--retain", "2s", "my-app", "true"]);
    await eventually(async () => {
      expect((await oneoff("reap")).code).toBe(0);
      expect((await client.get(`/containers/${own}/json`)).status).toBe(404);
    });
    expect(await mine.run(["my-app", "true"])).toMatchObject({ code: 0 });
    expect(await oneoff("stop", "--all")).toMatchObject({ code: 0, stderr: "No one-offs are running\n" });
    expect(await oneoff("stop", name)).toMatchObject({ code: 1 });
    expect(await Promise.all(others.map((state) => state()))).toEqual(ALONE);
    // A one-off of that image is one, whatever labels it inherits.
    const again = await mine.detached(["--image", "stolen:1", "--name", `${name}.new`, "my-app", "sleep", "600"]);
    expect(await oneoff("stop", "--all")).toMatchObject({ code: 0 });
    expect((await client.get(`/containers/${again}/json`)).body.State.Running).toBe(false);
  });

  test("removes volumes of uploads and secrets that docker rm has left", needs("volume labels"), async () => {
    const client = api(engine.host);
    const leave = async () => {
      const KEY = randomUUID();
      const options = ["--secret", "KEY", "--name", `left-${KEY.slice(0, 8)}`, "my-app", "sleep", "600"];
      const id = await mine.detached(options, { env: { KEY } });
      const [{ Name }] = (await client.get(`/containers/${id}/json`)).body.Mounts;
      expect((await oneoff("reap")).code).toBe(0);
      expect((await client.get(`/volumes/${Name}`)).status).toBe(200);
      await client.delete(`/containers/${id}?force=1`);
      expect((await client.get(`/volumes/${Name}`)).status).toBe(200);
      return Name as string;
    };
    const other = (await client.post("/volumes/create", { Labels: { "com.example": "x" } })).body.Name;
    const first = await leave();
    expect((await oneoff("doctor")).stdout).toContain("1 volume left");
    const line = /^(Would remove|Removed) a volume of run\.\d+ of my-app: its container no longer exists\n$/;
    expect((await oneoff("reap", "--dry-run")).stdout).toMatch(line);
    expect((await oneoff("reap")).stdout).toMatch(line);
    expect((await client.get(`/volumes/${first}`)).status).toBe(404);
    const second = await leave();
    expect(JSON.parse((await oneoff("reap", "--dry-run", "--format", "json")).stdout)).toMatchObject([
      { app: "my-app", volume: second, action: "remove", reason: "dangling-volume" },
    ]);
    // Also when a command reaps along the way.
    await eventually(async () => {
      expect((await oneoff("ps")).code).toBe(0);
      expect((await client.get(`/volumes/${second}`)).status).toBe(404);
    });
    expect((await client.get(`/volumes/${other}`)).status).toBe(200);
    await client.delete(`/volumes/${other}`);
  });

  test("a container of an image that was committed from the holder of a lock holds no lock", {
    tags: ["full"],
  }, async () => {
    const client = api(engine.host);
    const id = await mine.detached(["--lock", "busy", "my-app", "sleep", "600"]);
    await client.post(`/commit?container=${id}&repo=holder&tag=1`, {});
    const other = await foreign("copy-of-holder", "holder:1", "running");
    const replace = ["--lock", "busy", "--on-conflict", "replace", "my-app", "echo", "mine"];
    expect(await mine.run(replace)).toMatchObject({ code: 0, stdout: "mine\n" });
    // Only the holder of the lock has been stopped.
    expect((await client.get(`/containers/${id}/json`)).body.State.Running).toBe(false);
    expect(await oneoff("locks")).toMatchObject({ stdout: "" });
    expect(await mine.run(replace)).toMatchObject({ code: 0, stdout: "mine\n" });
    expect(await other()).toEqual(["running", 200]);
  });

  test("ignores oneoff's labels that an image's author has set, and a one-off inherits none", {
    tags: ["full"],
  }, async () => {
    const planted = {
      ...{ kind: "run", app: "my-app", name: "run.9999", timeout: "1", retain: "0", lock: "migrate" },
      ...{ "lock-holder": "a", owner: "dead:1:1", "on-disconnect": "hup", "process-type": "web", release: "7" },
      ...{ container: "my-app.run.9999" },
    };
    const lines = Object.entries(planted).map(([key, value]) => `LABEL dev.oneoff.${key}=${value}`);
    await buildImage(engine.host, "planted:1", `FROM busybox:local\n${lines.join("\n")}\n`);
    const others = [
      await foreign("planted-1", "planted:1", "running"),
      await foreign("planted-2", "planted:1", "created"),
      await foreign("planted-3", "planted:1", "exited"),
    ];
    await using own = mine.apart();
    await using live = await own.start(["--image", "planted:1", "my-app", "sh", "-c", "read line; echo $line"], {
      stdin: "pipe",
    });
    const { Labels } = (await own.running()).Config;
    expect((await oneoff("reap")).code).toBe(0);
    expect((await oneoff("ps", "--all")).stdout).not.toContain("run.9999");
    expect(await oneoff("locks")).toMatchObject({ code: 0, stdout: "" });
    for (const name of ["run.9999", "my-app.run.9999"]) {
      for (const command of ["stop", "attach", "wait", "logs", "exec"]) {
        const { code } = await oneoff(command, name, ...(command === "exec" ? ["true"] : []));
        expect([command, name, code]).not.toEqual([command, name, 0]);
      }
    }
    for (const name of ["planted-1", "planted-2", "planted-3"]) {
      for (const command of ["stop", "wait"]) expect([name, (await oneoff(command, name)).code]).not.toEqual([name, 0]);
    }
    const locked = ["--lock", "migrate", "--on-conflict", "replace", "my-app", "echo", "mine"];
    expect(await mine.run(locked)).toMatchObject({
      code: 0,
      stdout: "mine\n",
      stderr: expect.not.stringContaining("lock"),
    });
    const given = Object.entries(Labels).filter(([key, value]) => key.startsWith("dev.oneoff.") && value !== "");
    expect(given.map(([key]) => key.slice("dev.oneoff.".length)).sort()).toEqual([
      ...["app", "command", "container", "kind", "name", "owner"],
    ]);
    live.child.stdin?.end("done\n");
    expect(await said(live)).toMatchObject({ code: 0, stdout: "done\n" });
    expect(await oneoff("stop", "--all")).toMatchObject({ code: 0, stderr: "No one-offs are running\n" });
    expect(await Promise.all(others.map((state) => state()))).toEqual(ALONE);
  });

  for (const [scope, rows] of quickAndFull(
    [
      ["2 days ahead", -2 * 86_400],
      ["5 minutes ahead", -300],
      ["5 minutes behind", 300],
      ["2 days behind", 2 * 86_400],
    ],
    1,
  ))
    test.each(rows)(
      "a client whose clock is %s reaps by the engine's clock, and nothing else",
      scope,
      async (_what, shift) => {
        await using seen = await shiftedEngine(engine.host, shift);
        const here = oneoffs(seen.host, mine.label).apart();
        const ps = () => here.oneoff(["ps", "--all", "my-app"]);
        const running = await here.detached(["--timeout", "4m", "--lock", "clock", "my-app", "sleep", "600"]);
        const kept = await here.detached(["--retain", "4m", "my-app", "true"]);
        const late = await here.detached(["--timeout", "1s", "my-app", "sleep", "600"]);
        const over = await here.detached(["--retain", "1s", "my-app", "true"]);
        await eventually(async () => {
          expect((await ps()).code).toBe(0);
          const left = (await here.containers()).map(({ Id, State }) => [Id, State]);
          expect(left).toHaveLength(3);
          expect(left).toEqual(
            expect.arrayContaining([
              [running, "running"],
              [kept, "exited"],
              [late, "exited"],
            ]),
          );
        });
        expect((await api(engine.host).get(`/containers/${over}/json`)).status).toBe(404);
        expect((await ps()).stdout).toMatch(/^run\.\d+: up .* \(~ \d+s ago\): `sleep 600`$/m);
        expect(await here.oneoff(["wait", late])).toMatchObject({ code: 124 });
        // Ages of locks and apps use it too; doctor warns about the difference.
        expect((await here.oneoff(["locks"])).stdout).toMatch(
          /^clock: held by run\.\d+ of my-app since .* \(~ \d+s ago\)$/m,
        );
        const Labels = { "com.dokku.app-name": "aged", "com.dokku.container-type": "deploy" };
        await foreign("aged.web.1", "busybox:local", "running", Labels);
        expect((await here.oneoff(["apps"])).stdout).toMatch(/^aged .* aged 1\/1 +\d+s$/m);
        expect((await here.oneoff(["doctor"])).stdout).toMatch(/^warn +clock /m);
        const { stdout } = await here.oneoff(["logs", "--since", "4m", "my-app"]);
        expect(stdout.match(/Starting process/g)).toHaveLength(4);
        const attached = await here.run(["--timeout", "1s", "my-app", "sleep", "600"]);
        expect(attached).toMatchObject({ code: 124 });
      },
    );

  test("removes overdue one-offs along the way, and keeps those that run without a client", async () => {
    await using dead = await mine.start(["dead", "sleep", "600"]);
    await mine.running();
    dead.child.kill("SIGKILL");
    await dead.done;
    await make("run.1111", { timeout: "1", retain: "3600" }, ["sleep", "600"]);
    await make("run.2222", { retain: "1" }, ["true"]);
    await eventually(async () => {
      expect((await oneoff("ps")).code).toBe(0);
      expect((await left()).filter((one) => one.includes("my-app"))).toEqual(["/my-app.run.1111 exited"]);
    });
    expect((await left()).filter((one) => one.includes("dead.run"))).toEqual([expect.stringContaining("running")]);
  });
});
