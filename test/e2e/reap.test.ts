import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { baseImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { api, removeByLabel } from "../support/docker-api.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { BINARY, eventually, type Oneoffs, oneoffs, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";

/** All that is overdue on an engine is reaped, the other tests' too: it is done on one that only this test has. */
describe("on an engine", needs("its own"), () => {
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

  /** A container with these labels; it is not started where there is no command. */
  async function make(name: string, labels: Record<string, string>, command?: string[], kind = "run") {
    const Labels = {
      "test.oneoff": "reap",
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

  test("what is past its deadline is stopped, what was kept long enough is removed, and nothing else", async () => {
    await make("run.1111", { deadline: "1", retain: "3600" }, ["sleep", "600"]);
    await make("run.2222", { deadline: "99999999999", retain: "3600" }, ["sleep", "600"]);
    await make("run.3333", { retain: "1" }, ["true"]);
    await make("run.4444", { retain: "3600" }, ["true"]);
    await make("web", { retain: "1", deadline: "1" }, ["sleep", "600"], "process");
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
    expect(await oneoff("reap")).toEqual({ code: 0, stdout: "", stderr: "Nothing is overdue\n" });
  });

  test("what was left alone is stopped, what somebody attends to is not", async () => {
    await using dead = await mine.start(["dead", "sleep", "600"]);
    await mine.running();
    dead.child.kill("SIGKILL");
    await dead.done;
    await using live = await mine.start(["alive", "sleep", "600"]);
    await eventually(async () => expect(await left()).toHaveLength(2));
    const { code, stdout } = await oneoff("reap");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Stopped run\.\d{4} of dead: who ran it has gone\n$/);
    await eventually(async () => expect(await left()).toHaveLength(1));
    live.child.kill("SIGTERM");
    expect((await said(live)).code).toBe(143);
  });

  test("of two that reap at once each does its part, and neither fails", async () => {
    const names = Array.from({ length: 12 }, (_, index) => `run.${2000 + index}`);
    await Promise.all(names.map((name) => make(name, { retain: "1" }, ["true"])));
    await eventually(async () => {
      expect((await oneoff("reap", "--dry-run")).stdout.trim().split("\n")).toHaveLength(names.length);
    });
    const both = await Promise.all([oneoff("reap"), oneoff("reap")]);
    for (const { code, stderr } of both) expect([code, stderr.replace("Nothing is overdue\n", "")]).toEqual([0, ""]);
    await eventually(async () => expect(await left()).toEqual([]));
    // An engine may tell both that it was they.
    const told = new Set(both.flatMap(({ stdout }) => stdout.split("\n").filter(Boolean)).sort());
    expect([...told]).toEqual(names.map((name) => `Removed ${name} of my-app: kept for 1s`));
  });

  test("in passing, what is overdue goes, and what runs alone does not", async () => {
    await using dead = await mine.start(["dead", "sleep", "600"]);
    await mine.running();
    dead.child.kill("SIGKILL");
    await dead.done;
    await make("run.1111", { deadline: "1", retain: "3600" }, ["sleep", "600"]);
    await make("run.2222", { retain: "1" }, ["true"]);
    await eventually(async () => {
      expect((await oneoff("ps")).code).toBe(0);
      expect((await left()).filter((one) => one.includes("my-app"))).toEqual(["/my-app.run.1111 exited"]);
    });
    expect((await left()).filter((one) => one.includes("dead.run"))).toEqual([expect.stringContaining("running")]);
  });
});
