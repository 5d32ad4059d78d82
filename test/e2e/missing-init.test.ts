import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { baseImage } from "../support/base-image.ts";
import { containers } from "../support/docker-api.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { folder } from "../support/folder.ts";
import { BINARY, said } from "../support/oneoff-suite.ts";
import { type ProcessOptions, start } from "../support/process.ts";

const { ours, name } = inject("engine");
const WARNING = /^oneoff: warning: The engine has no init process: .* --no-init\)\n$/;

/** Podman's configuration sets the init; its answer is in the unit tests. */
describe.skipIf(!ours || name === "podman")("engine without an init", () => {
  let engine: TestEngine;
  let home: Awaited<ReturnType<typeof folder>>;
  beforeAll(async () => {
    engine = await startEngine({ args: ["--init-path", "/no/such/init"] });
    await baseImage(engine.host);
    home = await folder({
      "app/Dockerfile": "FROM busybox:local\n",
      "app/Procfile": "web: sleep 600\nworker: sleep 600\n",
    });
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await home[Symbol.asyncDispose]();
  });
  const oneoff = async (words: readonly string[], options: ProcessOptions = {}) =>
    said(
      await start([BINARY, ...words], {
        timeout: 60_000,
        ...options,
        env: { DOCKER_HOST: engine.host, XDG_STATE_HOME: home.path },
      }),
    );
  const IMAGE = ["--image", "busybox:local"];

  test("runs a command without an init, with one warning, and loses no byte of its stdin", async () => {
    const stdin = "x".repeat(200_000);
    const { code, stdout, stderr } = await oneoff(["run", ...IMAGE, "app", "sh", "-c", "cat; exit 7"], { stdin });
    expect({ code, stdout: stdout === stdin, stderr }).toEqual({
      code: 7,
      stdout: true,
      stderr: expect.stringMatching(WARNING),
    });
    expect((await oneoff(["run", "-q", ...IMAGE, "app", "nope"])).code).toBe(127);
    const { stdout: all } = await oneoff(["ps", "--all", "--format", "json"]);
    expect(all.match(/"exitCode": ?7/g)).toHaveLength(1);
    expect(await containers(engine.host, "dev.oneoff.app=app")).toEqual([]);
  });

  test("starts a detached command without an init", async () => {
    const { code, stdout, stderr } = await oneoff(["run", "--detach", ...IMAGE, "app", "sh", "-c", "exit 3"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("The engine has no init") });
    expect((await oneoff(["wait", stdout.trim()])).code).toBe(3);
  });

  test("refuses --init on an engine without an init, and names what to install", async () => {
    expect(await oneoff(["run", "--init", ...IMAGE, "app", "true"])).toEqual({
      code: 125,
      stdout: "",
      stderr: expect.stringMatching(/^oneoff: The engine has no init process\n {2}install tini .*--init.*\n$/),
    });
    expect(await containers(engine.host, "dev.oneoff.app=app")).toHaveLength(1);
  });

  test("deploys without an init, with one warning for phases and processes", { tags: ["full"] }, async () => {
    const cwd = `${home.path}/app`;
    const { code, stderr } = await oneoff(["deploy", "web-app", "."], { cwd });
    expect(stderr.match(/The engine has no init/g)).toHaveLength(1);
    expect(code).toBe(0);
    const found = await containers(engine.host, "dev.oneoff.app=web-app");
    expect(found.map(({ State }) => State)).toEqual(["running"]);
  });

  test("doctor reports a missing init, and names what to install", async () => {
    const { stdout } = await oneoff(["doctor"]);
    expect(stdout).toMatch(/\/no\/such\/init[\s\S]*install docker-init/);
  });
});
