import { describe, expect, inject, test } from "vitest";
import { buildImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import {
  DEPLOY_TIMEOUT_MS,
  type DeployPlace,
  type DeployPlaceOptions,
  deployPlace,
  WEB,
} from "../support/deploy-place.ts";
import { api } from "../support/docker-api.ts";
import { BINARY, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";

/**
 * Dokku's test cases for Procfile and processes, by their names there. Left out, as oneoff has no equivalent: P1 and P11c
 * (properties; `procfile`, `stop-grace` and the like are keys of oneoff.yaml, P5), P13 (docker-options). The stop grace
 * of 30 s in P11c is in `schedule.test.ts`.
 */

const host = inject("engineHost");
const engine = api(host);
const place = (wish?: DeployPlaceOptions) => deployPlace(host, wish);

describe.concurrent("the Procfile, as with Dokku", () => {
  test("P4 windows newlines: reads a Procfile with CRLF", { tags: ["full"] }, async () => {
    await using here = await place({ files: { Procfile: "web: sleep 600\r\nrelease: echo fine\r\n" } });
    expect(await here.deployed()).toContain("release: fine\n");
    expect((await here.inspect("web.1")).Config.Cmd).toEqual(["sleep", "600"]);
  });

  test("P10 dockerfile with bad procfile: builds nothing", async () => {
    await using here = await place({ files: { Procfile: `<<<<<<< HEAD\n${WEB}=======\n>>>>>>> other\n` } });
    const { code, stderr } = await here.deploy();
    expect(code).toBe(2);
    expect(stderr).toContain("Procfile:1");
    expect(stderr).not.toContain("-----> build");
    expect(await here.containers()).toEqual([]);
  });

  test("P12 no-web: skips web, and reports that", { tags: ["full"] }, async () => {
    await using here = await place({
      files: { Procfile: "worker: sleep 600\n" },
      yaml: "formation: {worker: 1}\n",
    });
    expect(await here.deployed()).toContain("Skipping web: not in the current Procfile");
    expect(await here.containers()).toEqual(["worker.1 running"]);
  });

  test("P7 console-only app: deploys without processes, and runs its console", {
    tags: ["full"],
  }, async () => {
    await using here = await place({ files: { Procfile: "console: echo Hello world!\n" } });
    await here.deployed();
    expect(await here.containers()).toEqual([]);
    expect((await here.oneoff("run", here.app, "console")).stdout).toBe("Hello world!\n");
    expect((await here.printenv("FOO")).code).toBe(1);
    await here.yaml("env: {FOO: bar}\n");
    await here.deployed();
    expect((await here.printenv("FOO")).stdout).toBe("FOO=bar\n");
  });

  test("a one-off of a process type has the PORT of its process, whether that runs or not", {
    tags: ["full"],
  }, async () => {
    await using here = await place({
      files: { Procfile: 'web: echo "web $PORT"; exec sleep 600\nworker: echo "worker $PORT"\n' },
    });
    await here.deployed();
    expect(await here.output("web.1")).toContain("web 5000\n");
    const worker = async () => (await here.oneoff("run", "--quiet", here.app, "worker")).stdout;
    expect(await worker()).toBe("worker 5000\n");
    await here.oneoff("ps:stop", here.app);
    await here.oneoff("scale", ...quick, here.app, "web=0");
    expect(await here.containers()).toEqual([]);
    expect(await worker()).toBe("worker 5000\n");
    await here.yaml("env: {PORT: '8080'}\n");
    expect(await worker()).toBe("worker 8080\n");
  });

  test("reports that the process of a one-off's app is paused", { ...needs("pause"), tags: ["full"] }, async () => {
    await using here = await place();
    await here.deployed();
    const container = `${here.app}.web.1`;
    expect((await engine.post(`/containers/${container}/pause`)).status).toBe(204);
    // The app has no oneoff.yaml here.
    const elsewhere = { ...here.settings, cwd: "/", timeout: DEPLOY_TIMEOUT_MS };
    expect(await said(await start([BINARY, "run", here.app, "echo", "fine"], elsewhere))).toEqual({
      ...{ code: 0, stdout: "fine\n" },
      stderr: `oneoff: warning: The container ${container} of the app is paused; one-offs of the app run nevertheless (docker unpause ${container})\n`,
    });
    await engine.post(`/containers/${container}/unpause`);
  });

  /** The scale of each type that `oneoff scale` prints, e.g. `web=1 worker=0`. */
  const scaled = async (here: DeployPlace) => {
    const { stdout } = await here.oneoff("scale", here.app, "--format", "json");
    const groups: { process_type: string; quantity: number }[] = JSON.parse(stdout);
    return groups.map(({ process_type, quantity }) => `${process_type}=${quantity}`).join(" ");
  };
  const quick = ["--health-wait", "1s"];

  test("P2 procfile commands extraction, P3 update formations from Procfile", async () => {
    const web = 'web: echo "node web.js --port $PORT"; sleep 600\n';
    const others = "worker: sleep 600\ncustom: echo -n\ncron: sleep 600\n";
    await using here = await place({
      files: { Procfile: `# comment\n${web}${others}release: echo "interpolated $ENV_VAR"\n` },
      yaml: "env: {ENV_VAR: value}\n",
    });
    expect(await here.deployed()).toContain("release: interpolated value\n");
    expect(await here.output("web.1")).toContain("node web.js --port 5000\n");
    expect(await scaled(here)).toBe("web=1 worker=0 custom=0 cron=0");
    expect(await here.containers()).toEqual(["web.1 running"]);
    await here.write("Procfile", `${WEB}${others}scaletest: sleep 600\n`);
    await here.deployed();
    expect(await scaled(here)).toBe("web=1 worker=0 custom=0 cron=0 scaletest=0");
  });

  test("P5 procfile-path: reads another file of oneoff.yaml, reports a missing one, and returns to the default", {
    tags: ["full"],
  }, async () => {
    const web = (name: string) => `web: echo ${name}; sleep 600\n`;
    await using here = await place({
      files: {
        Procfile: `${web("first.Procfile")}release: echo "SECRET_KEY:"\n`,
        "second.Procfile": web("second.Procfile"),
      },
    });
    expect(await here.deployed()).toContain("release: SECRET_KEY:");
    expect(await here.output("web.1")).toContain("first.Procfile");
    await here.yaml("procfile: nonexistent\n");
    const { code, stderr } = await here.deploy();
    expect(code).toBe(2);
    expect(stderr).toContain('nonexistent": no such file');
    expect(await here.containers()).toEqual(["web.1 running"]);
    await here.yaml("procfile: second.Procfile\n");
    expect(await here.deployed()).not.toContain("SECRET_KEY:");
    expect(await here.output("web.1")).toContain("second.Procfile");
    await here.yaml("");
    expect(await here.deployed()).toContain("release: SECRET_KEY:");
  });

  test("P6 remove zerod processes", { tags: ["full"] }, async () => {
    await using here = await place({
      files: { Procfile: `${WEB}worker: sleep 600\n`, "second.Procfile": WEB },
    });
    await here.oneoff("scale", here.app, "worker=1");
    await here.deployed();
    expect(await here.containers()).toEqual(["web.1 running", "worker.1 running"]);
    await here.oneoff("scale", here.app, "worker=0");
    expect(await scaled(here)).toBe("web=1 worker=0");
    expect(await here.containers()).toEqual(["web.1 running"]);
    await here.yaml("procfile: second.Procfile\n");
    await here.deployed();
    expect(await scaled(here)).toBe("web=1");
  });

  test("P8 dockerfile non-existent process: can be scaled before the first deploy, and not after it", {
    tags: ["full"],
  }, async () => {
    await using here = await place();
    expect(await here.oneoff("scale", here.app, "non-existent=2")).toMatchObject({ code: 0 });
    const refused = await here.deploy();
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain(
      `Unknown process type "non-existent" in the formation of ${here.app}; its Procfile has web`,
    );
    expect(refused.stderr).not.toContain("-----> build");
    expect(await here.containers()).toEqual([]);
    expect(await here.oneoff("scale", here.app, "non-existent=0")).toMatchObject({ code: 0 });
    await here.deployed();
    expect((await here.oneoff("scale", here.app, "non-existent=2")).code).toBe(2);
    expect(await here.containers()).toEqual(["web.1 running"]);
  });

  test("P8b dockerfile unchanged process: does not touch a process that is not scaled", {
    tags: ["full"],
  }, async () => {
    await using here = await place();
    await here.remove("Procfile");
    await here.deployed();
    const web = await here.inspect("web.1");
    const { code, stderr } = await here.oneoff("scale", ...quick, here.app, "worker=2");
    expect(code).toBe(0);
    expect(stderr).toContain("worker.2");
    expect(stderr).toContain("web.1 is already running");
    expect(await here.containers()).toEqual(["web.1 running", "worker.1 running", "worker.2 running"]);
    expect((await here.inspect("web.1")).Id).toBe(web.Id);
  });

  test("P8c dockerfile with procfile: stop, start, restart and rebuild", async () => {
    await using here = await place();
    await here.deployed();
    const says = async (...words: string[]) => expect(await here.oneoff(...words)).toMatchObject({ code: 0 });
    await says("ps:stop", here.app);
    expect(await here.containers()).toEqual(["web.1 exited"]);
    await says("start", ...quick, here.app);
    expect(await here.containers()).toEqual(["web.1 running"]);
    const started = await here.inspect("web.1");
    await says("restart", ...quick, here.app);
    await here.deployed("--force");
    expect(await here.containers()).toEqual(["web.1 running"]);
    expect((await here.inspect("web.1")).Id).not.toBe(started.Id);
  });

  test("P8d dockerfile: scale before the first deploy, P11 dockerfile with procfile, P11b --format json", async () => {
    await using here = await place({
      files: {
        // Only the commands of the Procfile can succeed.
        Dockerfile: 'FROM busybox:local\nCMD ["false"]\n',
        Procfile: "web: sleep 600\nworker: sleep 700\n",
      },
    });
    await here.oneoff("scale", here.app, "web=2", "worker=2");
    await here.deployed();
    expect(await here.containers()).toEqual(
      ["web.1", "web.2", "worker.1", "worker.2"].map((name) => `${name} running`),
    );
    expect((await here.inspect("web.2")).Config.Cmd).toEqual(["sleep", "600"]);
    expect((await here.inspect("worker.2")).Config.Cmd).toEqual(["sleep", "700"]);
    await here.oneoff("scale", here.app, "web=1", "worker=1");
    expect(await here.containers()).toEqual(["web.1 running", "worker.1 running"]);
    const { stdout } = await here.oneoff("scale", here.app, "--format", "json", "web=0", "worker=0");
    expect(stdout).toBe('[{"process_type":"web","quantity":0},{"process_type":"worker","quantity":0}]\n');
    expect(await here.containers()).toEqual([]);
  });

  test("P9 dockerfile app-json formations: the scale set on the engine takes precedence over app.json", {
    tags: ["full"],
  }, async () => {
    await using here = await place({
      files: {
        Procfile: `${WEB}worker: sleep 600\n`,
        "app.json": JSON.stringify({ formation: { web: { quantity: 1 }, worker: { quantity: 1 } } }),
      },
    });
    await here.oneoff("scale", here.app, "web=2");
    await here.deployed();
    expect(await here.containers()).toEqual(["web.1 running", "web.2 running", "worker.1 running"]);
    expect(await here.oneoff("scale", ...quick, here.app, "web=1")).toMatchObject({ code: 0 });
    expect(await here.containers()).toEqual(["web.1 running", "worker.1 running"]);
  });

  test("uses the own Procfile of an image that was built FROM a release and tagged latest by hand", {
    tags: ["full"],
  }, async () => {
    await using here = await place({ files: { Procfile: `${WEB}console: echo ours\n` } });
    await here.deployed();
    const run = async (cwd: string) =>
      said(await start([BINARY, "run", here.app, "console"], { ...here.settings, cwd, timeout: DEPLOY_TIMEOUT_MS }));
    expect(await run("/")).toMatchObject({ code: 0, stdout: "ours\n" });
    const theirs = `FROM oneoff/${here.app}:v1\nRUN echo 'console: echo theirs' >Procfile\n`;
    await buildImage(host, `oneoff/${here.app}:latest`, theirs);
    expect(await run("/")).toMatchObject({ code: 0, stdout: "theirs\n" });
    expect(await run(here.source)).toMatchObject({ code: 0, stdout: "theirs\n" });
    expect(await here.releases()).toEqual([{ release: 1, live: false }]);
  });

  test("P14 a port of web only does not break worker", { tags: ["full"] }, async () => {
    await using here = await place({ files: { Procfile: `${WEB}worker: sleep 600\n` } });
    const published =
      "processes: {health-wait: 1s, stop-grace: 1s, drain: 0s, publish: ['5000']}\nformation: {web: 1, worker: 1}\n";
    await here.write("oneoff.yaml", `app: ${here.app}\nbuild: .\n${published}`);
    await here.deployed();
    const ports = async (name: string) => (await here.inspect(name)).NetworkSettings.Ports;
    expect(await ports("web.1")).toMatchObject({ "5000/tcp": expect.arrayContaining([expect.anything()]) });
    expect(await ports("worker.1")).toEqual({});
  });
});
