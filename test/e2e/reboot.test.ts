import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { splitWords } from "../../src/app/shell-words.ts";
import { TOPICS } from "../../src/cli/topics/topics.ts";
import { baseImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { deployPlace } from "../support/deploy-place.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { folder } from "../support/folder.ts";
import { BINARY, eventually } from "../support/oneoff-suite.ts";
import { install } from "../support/packages.ts";
import { run } from "../support/process.ts";

const UNIT = readFileSync(fileURLToPath(new URL("../../docs/oneoff@.service", import.meta.url)), "utf8");
const INSTALLED = "/usr/local/bin/oneoff";

/** The arguments of oneoff that the unit of an app executes. */
function argsOf(app: string): string[] {
  const [program, ...args] = splitWords(/^ExecStart=(.*)$/m.exec(UNIT)?.[1]?.replaceAll("%i", app) ?? "") ?? [];
  expect(program).toBe(INSTALLED);
  return args;
}

describe("the systemd unit", () => {
  test.concurrent("is accepted by systemd-analyze verify, without a warning", async () => {
    await install("systemd-analyze");
    await using place = await folder({ "oneoff@my-app.service": UNIT.replace(INSTALLED, BINARY) });
    // The man page is installed by no test.
    const argv = ["systemd-analyze", "verify", "--man=no", `${place.path}/oneoff@my-app.service`];
    const { code, stdout, stderr } = await run(argv, { timeout: 60_000 });
    expect({ code, stdout: stdout.toString(), stderr: stderr.toString() }).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("is printed by oneoff help deploy", () =>
    expect(TOPICS.get("deploy")?.text(new Map()).replaceAll(/^ {4}/gm, "")).toContain(UNIT));
});

describe("an engine that restarts", needs("its own"), () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await startEngine();
    await baseImage(engine.host);
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  test("all processes run after what the systemd unit executes", async () => {
    const worker = "trap 'exit 0' TERM; while :; do sleep 0.1; done";
    await using here = await deployPlace(engine.host, {
      files: { Procfile: `web: sleep 600\nworker: ${worker}\n` },
      yaml: "formation: {worker: 2}\n",
    });
    await here.deployed();
    const all = ["web.1 running", "worker.1 running", "worker.2 running"];
    const started = async () => {
      const { code, stderr } = await here.oneoff(...argsOf(here.app));
      expect(code, stderr).toBe(0);
      expect(await here.containers()).toEqual(all);
      expect((await here.oneoff("ps", here.app)).stderr).toBe("");
    };
    await engine.kill("SIGKILL");
    await engine.restart();
    // Podman's containers outlive it.
    if (inject("engine").name === "docker")
      await eventually(async () => expect((await here.oneoff("ps", here.app)).stderr).toContain("0 of 1 running"));
    await started();

    expect((await here.oneoff("ps:stop", here.app, "worker")).code).toBe(0);
    await engine.restart();
    await started();
    // Nothing is missing: nothing changes.
    const before = await here.running(/web/);
    await started();
    expect(await here.running(/web/)).toBe(before);
  });
});
