import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { buildImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import {
  count,
  DEPLOY_TIMEOUT_MS,
  type DeployPlaceOptions,
  DOCKERFILE,
  deployPlace,
  type DeployPlace as Place,
  scripts,
  WEB,
} from "../support/deploy-place.ts";
import { api } from "../support/docker-api.ts";
import { BINARY, eventually, said } from "../support/oneoff-suite.ts";
import { install } from "../support/packages.ts";
import { start } from "../support/process.ts";
import { quickAndFull } from "../support/quick.ts";
import { recordRequests } from "../support/request-recorder.ts";

const host = inject("engineHost");
const engine = api(host);
const place = (wish?: DeployPlaceOptions) => deployPlace(host, wish);

/** Exits when `letGo` signals it. */
const HELD = "until [ -e /go ]; do sleep 0.1; done";
const SECRET = `s3cret-${randomUUID()}`;

const letGo = async (container: string) => {
  const { body } = await engine.post(`/containers/${container}/exec`, { Cmd: ["touch", "/go"] });
  await engine.post(`/exec/${body.Id}/start`, { Detach: true });
};

/** What a failed deploy must not change. */
async function untouched(here: Place) {
  const [{ Id, State }, latest] = [await here.inspect("web.1"), await here.latest()];
  return {
    async check() {
      const now = await here.inspect("web.1");
      expect([now.Id, now.State.StartedAt, now.State.Running]).toEqual([Id, State.StartedAt, true]);
      expect(await here.latest()).toBe(latest);
    },
  };
}

describe.concurrent("first deploy", () => {
  const PHASES = {
    "app.json": scripts({
      predeploy: 'echo "pre $TOKEN $FROM_JSON"; touch /app/pre.test',
      postdeploy: 'echo "post $TOKEN"; touch /app/post.test',
      first: 'echo "first $TOKEN"; touch /app/first.test',
      env: { FROM_JSON: "json" },
    }),
    Procfile: `${WEB}release: echo "release $TOKEN"; touch /app/release.test\n`,
  };
  const FULL = `FROM busybox:local
LABEL own="a b"
ENV KEPT=image
WORKDIR /app
USER app
EXPOSE 8080
HEALTHCHECK --interval=1s CMD ["true"]
CMD ["sleep", "600"]
`;

  test("runs all phases in order with the app's variables, which are nowhere in the image", async () => {
    await using here = await place({ files: { ...PHASES, Dockerfile: FULL }, yaml: `env: {TOKEN: ${SECRET}}\n` });
    const { code, stdout, stderr } = await here.deploy();
    expect([code, stdout]).toEqual([0, `oneoff/${here.app}:v1\n`]);
    expect(stderr.match(/^-----> [\w-]+/gm)).toEqual([
      "-----> build",
      "-----> predeploy",
      "-----> release",
      "-----> schedule",
      "-----> postdeploy",
      "-----> first-postdeploy",
    ]);
    expect(stderr.match(/^[\w-]+: (pre|release|post|first) .*/gm)).toEqual([
      `predeploy: pre ${SECRET} json`,
      `release: release ${SECRET}`,
      `postdeploy: post ${SECRET}`,
      `first-postdeploy: first ${SECRET}`,
    ]);
    expect(stderr).toMatch(new RegExp(`^=====> ${here.app} v1 is live$`, "m"));

    // Processes and one-offs have the changes of predeploy, and no others.
    const { stdout: inside } = await here.oneoff("run", here.app, "sh", "-c", "ls /app; echo $TOKEN $FROM_JSON");
    expect(inside).toBe(`pre.test\n${SECRET} json\n`);
    const web = await here.inspect("web.1");
    expect(web.Config.Env).toEqual(expect.arrayContaining([`TOKEN=${SECRET}`, "FROM_JSON=json", "KEPT=image"]));
    const { Id, Config } = await here.image("v1");
    // The running image differs only in the mark that scripts.postdeploy has succeeded.
    expect((await here.image("v1-unmarked")).Id).toBe(web.Image);
    expect(await here.latest()).toBe(Id);

    // Its Config comes from the Dockerfile, except for oneoff's labels, and Podman's builder's own.
    const { own, "io.buildah.version": _builder, ...ours } = Config.Labels;
    expect(own).toBe("a b");
    expect(Object.keys(ours).filter((key) => !key.startsWith("dev.oneoff."))).toEqual([]);
    expect(Config).toMatchObject({
      ...{ User: "app", WorkingDir: "/app", Cmd: ["sleep", "600"] },
      ...{ Env: ["PATH=/bin", "KEPT=image"], ExposedPorts: { "8080/tcp": {} } },
    });
    // Engines report an unset value in several ways, or omit it.
    const { Tty = false, OpenStdin = false, Entrypoint, Volumes, OnBuild } = Config;
    const set = [Entrypoint, Volumes, OnBuild].flatMap((value) => Object.keys(value ?? {}));
    expect([Tty, OpenStdin, set]).toEqual([false, false, []]);
    const podmans = await engine.get(`/v4.0.0/libpod/images/${Id}/json`);
    expect(Config.Healthcheck ?? podmans.body.Healthcheck).toEqual({ Test: ["CMD", "true"], Interval: 1e9 });
    const history = (await engine.get(`/images/${Id}/history`)).body;
    for (const value of [SECRET, "FROM_JSON", "pre.test"]) {
      expect(JSON.stringify([Config.Env, Config.Cmd, history])).not.toContain(value);
    }
    expect(JSON.stringify(await here.image("v1"))).not.toContain(SECRET);
    expect(await here.containers()).toEqual(["web.1 running"]);
    expect(await here.tags()).toEqual(["latest", "v1", "v1-unmarked"]);
  });

  test("reports an unchanged deploy, and --force deploys it without the steps that run once", async () => {
    await using here = await place({ files: PHASES, yaml: "env: {TOKEN: t}\n" });
    await here.deployed();
    const web = await here.inspect("web.1");
    const again = await here.deploy();
    expect([again.code, again.stdout]).toEqual([0, ""]);
    expect(again.stderr).toContain(`No changes: ${here.app} v1 is already live`);
    expect(again.stderr).not.toContain("-----> release");
    expect((await here.inspect("web.1")).Id).toBe(web.Id);

    const forced = await here.deployed("--force");
    expect(forced).toContain("release: release t");
    expect(forced).toContain("first-postdeploy skipped: it has succeeded before, and runs only once per app");
    expect((await here.inspect("web.1")).Id).not.toBe(web.Id);
    expect(await here.tags()).toEqual(["latest", "v1", "v2"]);
    expect(await here.releases()).toEqual([
      { release: 2, live: true },
      { release: 1, live: false },
    ]);
  });

  for (const [what, origin, changing, options] of [
    ["an image", "image: busybox:local\n", [], {}],
    ["a build", "build: .\n", ["POST /build", "DELETE /images/oneoff/"], needs("images of any reference")],
  ] as const) {
    test(
      `checks ${what} for changes with at most three requests more than docker inspect`,
      options,
      async (context) => {
        const noClient = await install("docker").then(() => undefined, String);
        context.skip(noClient !== undefined, noClient);
        const formation = "formation: {worker: {quantity: 2}}\n";
        const yaml = `${origin}procfile: {web: sleep 600, worker: sleep 600}\n${formation}`;
        await using here = await place({ build: false, yaml });
        await using recorder = await recordRequests(host);
        const run = async (...argv: readonly string[]) => {
          const before = recorder.requests.length;
          const env = { ...here.settings.env, DOCKER_HOST: recorder.host };
          const { code, stderr } = await said(await start(argv, { ...here.settings, env, timeout: DEPLOY_TIMEOUT_MS }));
          expect(code, stderr).toBe(0);
          return { stderr, requests: recorder.requests.slice(before).map(({ method, path }) => `${method} ${path}`) };
        };
        const images = async () => {
          const filters = encodeURIComponent(JSON.stringify({ label: [`of=${here.app}`] }));
          const { body } = await engine.get(`/images/json?all=1&filters=${filters}`);
          return body.map(({ Id, RepoTags }: { Id: string; RepoTags: string[] }) => [Id, ...(RepoTags ?? [])]).sort();
        };
        await run(BINARY, "deploy");
        const before = await images();
        const names = ["web.1", "worker.1", "worker.2"].map((name) => `${here.app}.${name}`);
        const inspected = await run("docker", "inspect", ...names);
        const { requests, stderr } = await run(BINARY, "deploy");
        expect(stderr).toContain(`No changes: ${here.app} v1 is already live`);
        const others = requests.filter((line) => !line.startsWith("GET "));
        expect(others.map((line, at) => line.slice(0, changing[at]?.length))).toEqual(changing);
        expect(requests.length).toBeLessThanOrEqual(inspected.requests.length + 3);
        // The engine may meanwhile have removed an image of the first deploy.
        expect(before).toEqual(expect.arrayContaining(await images()));
      },
    );
  }

  test("builds at the same time, and deploys one after the other", { tags: ["full"] }, async () => {
    await using here = await place();
    await here.deployed();
    const together = (...args: string[]) => Promise.all(["a", "b", "c"].map(() => here.deployed(...args)));
    for (const stderr of await together()) expect(stderr).toContain(`No changes: ${here.app} v1 is already live`);
    await here.write("Dockerfile", `${DOCKERFILE}LABEL of=${here.app} version=2\n`);
    const outcomes = await together("--wait");
    expect(outcomes.filter((stderr) => stderr.includes(`No changes: ${here.app} v2 is already live`))).toHaveLength(2);
    for (const stderr of outcomes) expect(count(stderr, "-----> build\n")).toBe(1);
    expect(await here.containers()).toEqual(["web.1 running"]);
    expect(await here.tags()).toEqual(["latest", "v1", "v2"]);
  });

  test("replaces processes when variables or settings have changed", { tags: ["full"] }, async () => {
    await using here = await place({ yaml: "env: {A: old}\n" });
    await here.deployed();
    const first = await here.inspect("web.1");
    await here.yaml("env: {A: new}\n");
    await here.deployed();
    const second = await here.inspect("web.1");
    expect(second.Config.Env).toContain("A=new");
    expect(second.Config.Labels["dev.oneoff.release"]).toBe("2");
    expect(await here.latest()).toBe(second.Image);
    expect((await engine.get(`/containers/${first.Id}/json`)).status).toBe(404);

    await here.yaml("env: {A: new}\nmounts: [{type: tmpfs, target: /scratch}]\n");
    await here.deployed();
    expect((await here.oneoff("exec", `${here.app}.web.1`, "mount")).stdout).toMatch(/^tmpfs on \/scratch type tmpfs/m);
    expect(await here.deployed()).toContain("v3 is already live");
    expect(await here.containers()).toEqual(["web.1 running"]);
  });
});

describe.concurrent("failed deploy", () => {
  for (const [scope, rows] of quickAndFull(
    [
      ["A18 failing release", "release", { Procfile: "  web: sleep 600\n  release: echo oh; exit 3\n" }],
      ["A15 failing dokku.predeploy", "predeploy", { "app.json": scripts({ predeploy: "echo oh; exit 3" }) }],
    ] as const,
    1,
  ))
    test.each(rows)(
      "%s: keeps the old processes running, and the container of the phase",
      scope,
      async (_case, phase, files) => {
        await using here = await place();
        await here.deployed();
        const before = await untouched(here);
        for (const [name, content] of Object.entries(files)) await here.write(name, content);

        const { code, stdout, stderr } = await here.deploy();
        expect([code, stdout]).toEqual([1, ""]);
        expect(stderr).toContain(`oneoff: The ${phase} phase of ${here.app} failed: exit code 3`);
        expect(stderr).toContain(`${phase}: oh`);
        await before.check();
        expect(await here.tags()).toEqual(["latest", "v1"]);
        const kept = (await here.containers()).filter((one) => one !== "web.1 running");
        expect(kept).toEqual([expect.stringMatching(new RegExp(`^${phase}\\.\\d{4} exited$`))]);
        expect(await here.oneoff("run", here.app, "pwd")).toMatchObject({ code: 0, stdout: "/app\n" });
        expect(await here.oneoff("run", "--phase", phase, here.app)).toMatchObject({
          ...{ code: 3, stdout: "oh\n" },
          stderr: expect.stringMatching(new RegExp(`^Retrying ${phase}\\.\\d{4} of ${here.app}, which failed\\n`)),
        });

        for (const name of Object.keys(files)) await here.write(name, name === "Procfile" ? "web: sleep 601\n" : "{}");
        await here.deployed("--force");
        expect(await here.containers()).toEqual(["web.1 running"]);
      },
    );

  test("schedule: removes an unhealthy new process and its image, and the old one is not affected", async () => {
    await using here = await place();
    await here.deployed();
    const before = await untouched(here);
    await here.write("Procfile", "web: echo oh no; exit 1\n");
    // Longer than a busy engine needs to notice an exit.
    const checks = { healthchecks: { web: [{ type: "startup", uptime: 20 }] } };
    await here.write("app.json", JSON.stringify(checks));
    const { code, stdout, stderr } = await here.deploy();
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("oh no");
    await before.check();
    // The hint repeats the failed release, and not the live one.
    const hint = `run --image oneoff/${here.app}:failed ${here.app} web`;
    expect(stderr).toContain(`\n  oneoff ${hint}\n`);
    await here.write("Procfile", WEB);
    expect(await here.oneoff(...hint.split(" "))).toMatchObject({ code: 1, stdout: "oh no\n" });
    expect(await here.tags()).toEqual(["latest", "v1"]);
    expect(await here.containers()).toEqual(["web.1 running"]);

    await here.write("Procfile", "web: sleep 602\n");
    await here.write("app.json", "{}");
    await here.deployed();
    const { Config, Image } = await here.inspect("web.1");
    expect(Config.Cmd).toEqual(["sleep", "602"]);
    expect((await here.image("failed")).Id).toBeUndefined();
    // Nothing remains of the failed release that its number could mean.
    expect([Config.Labels["dev.oneoff.release"], Image]).toEqual(["2", (await here.image("v2")).Id]);
  });

  test("A16 failing dokku.postdeploy: the new release stays live", async () => {
    await using here = await place({ files: { "app.json": scripts({ postdeploy: "exit 4" }) } });
    const { code, stdout, stderr } = await here.deploy();
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(`The postdeploy phase of ${here.app} failed: exit code 4: exit 4`);
    expect(await here.releases()).toEqual([{ release: 1, live: true }]);
    expect(await here.containers()).toEqual([expect.stringMatching(/^postdeploy\.\d+ exited$/), "web.1 running"]);
    // Nothing has changed, and yet the deploy is unfinished.
    const again = await here.deploy();
    expect(again.code).toBe(1);
    expect(again.stderr).toContain("-----> postdeploy: exit 4");
    expect(again.stderr).toContain(
      `v2 is live; retry the postdeploy phase with: oneoff deploy --from postdeploy ${here.app} …`,
    );
    await here.write("app.json", scripts({ postdeploy: "echo told" }));
    expect(await here.deployed("--from", "postdeploy")).toContain("postdeploy: told");
    expect(await here.releases()).toMatchObject([{ release: 2, live: true }, { release: 1 }]);
    await here.write("app.json", "{}");
    await here.deployed();
    expect(await here.containers()).toEqual(["web.1 running"]);
    expect(await here.deployed()).toContain("v3 is already live");
    expect(await here.tags()).toEqual(["latest", "v1", "v2", "v3"]);
  });

  test("A17 failing postdeploy: the next deploy retries it until it succeeds, and later ones do not", {
    tags: ["full"],
  }, async () => {
    await using here = await place({ files: { "app.json": scripts({ first: "echo tried; exit 1" }) } });
    const first = await here.deploy();
    expect(first.code).toBe(1);
    expect(first.stderr).toContain(`The first-postdeploy phase of ${here.app} failed: exit code 1`);
    expect((await here.deploy()).stderr).toContain("first-postdeploy: tried");
    await here.write("app.json", scripts({ first: "echo tried" }));
    expect(await here.deployed()).toContain("first-postdeploy: tried");
    expect(await here.deployed("--force")).not.toContain("first-postdeploy: tried");
    expect(await here.containers()).toEqual(["web.1 running"]);
  });

  test("stops a phase at the timeout of oneoff.yaml, and fails", async () => {
    await using here = await place({
      files: { Procfile: `${WEB}release: echo begun; sleep 600\n` },
      yaml: "phase-timeout: {release: 1s}\n",
    });
    const { code, stderr } = await here.deploy();
    expect(code).toBe(1);
    expect(stderr).toContain(`The release phase of ${here.app} failed: timeout of 1 s exceeded`);
    expect(await here.containers()).toEqual([expect.stringMatching(/^release\.\d+ exited$/)]);
    // The command line takes precedence.
    const longer = await here.begin("deploy", "--phase-timeout", "1h");
    await using _longer = longer;
    const id = await here.running(/\.release\./);
    const { Labels } = (await engine.get(`/containers/${id}/json`)).body.Config;
    expect(Labels["dev.oneoff.timeout"]).toBe("3600");
  });

  test("build failure: runs nothing, and leaves nothing", async () => {
    await using here = await place({ files: { Dockerfile: `${DOCKERFILE}RUN echo oh && exit 7\n` } });
    const { code, stderr } = await here.deploy();
    expect(code).toBe(1);
    expect(stderr).toMatch(/(code:?|status) 7/);
    expect([await here.containers(), await here.tags()]).toEqual([[], []]);
  });

  test.each(["go-fail-predeploy", "go-fail-postdeploy"])(
    "C12 %s: the deploy fails",
    { tags: ["full"] },
    async (name) => {
      const key = name.slice("go-fail-".length);
      await using here = await place({
        files: { "app.json": scripts({ [key]: "touch /nowhere/x && ls -la /nowhere" }) },
      });
      const { code, stderr } = await here.deploy();
      expect(code).toBe(1);
      expect(stderr).toContain(`The ${key} phase of ${here.app} failed: exit code 1`);
    },
  );
});

describe.concurrent("two deploys of an app at the same time", () => {
  test("reports the deploy that is in progress to the second one, and --wait waits for it", async () => {
    await using here = await place({ files: { Procfile: `${WEB}release: ${HELD}\n` } });
    await using first = await here.begin("deploy");
    const phase = await here.running(/\.release\./);
    const refused = await here.deploy();
    expect([refused.code, refused.stdout]).toEqual([1, ""]);
    expect(refused.stderr).toMatch(
      new RegExp(
        `^oneoff: A deploy or another change of ${here.app} is already in progress since \\d{4}-.*\\n  use --wait to wait until it finishes, or see: oneoff locks ${here.app}\\n$`,
      ),
    );
    await using second = await here.begin("deploy", "--wait");
    await eventually(() => expect(second.stderr.toString()).toContain("waiting for"));
    await letGo(phase);
    expect((await first.done).code).toBe(0);
    const { code, stderr } = await said(second);
    expect(code).toBe(0);
    expect(stderr).toContain("v1 is already live");
    expect(await here.containers()).toEqual(["web.1 running"]);
  });

  test("deploys two apps at the same time without waiting", { tags: ["full"] }, async () => {
    await using one = await place({ files: { Procfile: `${WEB}release: ${HELD}\n` } });
    await using other = await place();
    await using first = await one.begin("deploy");
    const phase = await one.running(/\.release\./);
    await other.deployed();
    await letGo(phase);
    expect((await first.done).code).toBe(0);
  });
});

describe.concurrent("interrupted deploy", () => {
  /** An app with a live release, and a second deploy in progress. */
  async function under(step: "release" | "schedule") {
    const here = await place();
    await here.deployed();
    const before = await untouched(here);
    // It stays unhealthy for the whole test.
    if (step === "schedule") await here.yaml("env: {NEW: '1'}\n");
    const checks = { healthchecks: { web: [{ type: "startup", uptime: 60 }] } };
    if (step === "schedule") await here.write("app.json", JSON.stringify(checks));
    else await here.write("Procfile", `${WEB}release: ${HELD}\n`);
    const live = await here.begin("deploy");
    await here.running(step === "release" ? /\.release\.\d+$/ : /\.web\.1\.new$/);
    return { here, before, live };
  }

  const next = async (here: Place) => {
    await here.write("app.json", "{}");
    await here.write("Procfile", "web: sleep 603\n");
    await here.deployed();
    expect(await here.containers()).toEqual(["web.1 running"]);
    expect((await here.inspect("web.1")).Config.Cmd).toEqual(["sleep", "603"]);
  };

  for (const [scope, rows] of quickAndFull(["schedule", "release"] as const, 1))
    test.each(rows)("SIGTERM during %s leaves everything unchanged", scope, async (step) => {
      const { here, before, live } = await under(step);
      await using _here = here;
      live.child.kill("SIGTERM");
      const { code, stdout, stderr } = await said(live);
      expect([code, stdout]).toEqual([143, ""]);
      expect(stderr).toContain("oneoff: Terminated by SIGTERM");
      await before.check();
      expect(await here.containers()).toEqual(["web.1 running"]);
      expect(await here.tags()).toEqual(["latest", "v1"]);
      await next(here);
    });

  test("SIGTERM after the switch stops the deploy, and the next one completes it", {
    tags: ["full"],
  }, async () => {
    await using here = await place({ files: { "app.json": scripts({ postdeploy: "echo told" }) } });
    const stubborn = (n: number) => `web: trap "" TERM; while :; do sleep ${n}; done\n`;
    await here.write("Procfile", stubborn(1));
    const yaml = `app: ${here.app}\nbuild: .\nprocesses: {health-wait: 1s, stop-grace: 5s, drain: 0s}\n`;
    await here.write("oneoff.yaml", yaml);
    await here.deployed();
    await here.write("Procfile", stubborn(2));
    await using live = await here.begin("deploy");
    await eventually(() => expect(live.stderr.toString()).toContain("Stopping web.1"));
    live.child.kill("SIGTERM");
    const { code, stderr } = await said(live);
    expect(code).toBe(143);
    expect(stderr).not.toContain("postdeploy: told");
    expect(await here.releases()).toEqual([
      { release: 2, live: true },
      { release: 1, live: false },
    ]);
    expect(await here.containers()).toEqual(["web.1 running"]);
    expect(await here.deployed()).toContain("postdeploy: told");
  });

  for (const [scope, rows] of quickAndFull(["release", "schedule"] as const, 1))
    test.each(rows)("the next deploy recovers from SIGKILL during %s", scope, async (step) => {
      const { here, before, live } = await under(step);
      await using _here = here;
      live.child.kill("SIGKILL");
      await live.done;
      await before.check();
      await next(here);
      // A release that was never live is no target for a rollback.
      expect((await here.oneoff("rollback", here.app)).stdout).toBe(`oneoff/${here.app}:v1\n`);
    });
});

describe.concurrent("source of the image", () => {
  const image = `oneoff-e2e-deploy:${randomUUID()}`;
  beforeAll(async () => {
    await buildImage(
      host,
      image,
      "FROM busybox:local\nWORKDIR /srv/app\nCOPY Procfile app.json second.json ./\nCMD sleep 600",
      {
        Procfile: `${WEB}release: echo from-image\n`,
        "app.json": scripts({ predeploy: "touch /srv/app/pre.test" }),
        "second.json": scripts({ predeploy: "echo second" }),
      },
    );
  });
  afterAll(async () => {
    await engine.delete(`/images/${image}?force=1`);
  });

  test("--image deploys an image with the Procfile and app.json of its WORKDIR", async () => {
    await using here = await place({ build: false });
    // Local files are not the image's.
    await here.write("Procfile", "web: false\n");
    await here.write("oneoff.yaml", "apps: {}\n");
    await here.write(
      "oneoff.yaml",
      `apps:\n  ${here.app}:\n    image: ${image}\n    processes: {health-wait: 1s, stop-grace: 1s, drain: 0s}\n`,
    );
    const output = await here.deployed("--image", image);
    expect(output).toContain(`build skipped: the image is ${image}`);
    expect(output).toContain("release: from-image");
    expect((await here.inspect("web.1")).Config.Cmd).toEqual(["sleep", "600"]);
    // It comes from what was deployed, and not from oneoff.yaml.
    const { stdout, stderr } = await here.oneoff("run", here.app, "ls", "/srv/app");
    expect([stdout, stderr]).toEqual([expect.any(String), ""]);
    expect(stdout).toBe("Procfile\napp.json\npre.test\nsecond.json\n");
    // Without an option, oneoff.yaml decides.
    expect(await here.deployed()).toContain("is already live");

    expect((await here.oneoff("app-json:set", here.app, "appjson-path", "second.json")).code).toBe(0);
    expect(await here.deployed()).toContain("predeploy: second");
    const missing = await here.deploy("--image", `${image}-not`);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain(`oneoff deploy --pull --image ${image}-not ${here.app}`);
  });

  test("--archive deploys the output of docker save, from a file and from stdin", async () => {
    await using here = await place();
    const saved = (await engine.get(`/images/${encodeURIComponent(image)}/get`)).bytes;
    await writeFile(join(here.source, "app.tar"), saved);
    const output = await here.deployed("--archive", "app.tar");
    expect(output).toContain("build skipped: the image is from app.tar");
    expect(output).toContain("release: from-image");
    const live = await start([BINARY, "deploy", "--archive", "-", here.app], {
      ...{ cwd: here.source, env: { DOCKER_HOST: host }, stdin: saved, timeout: DEPLOY_TIMEOUT_MS },
    });
    const { code, stderr } = await said(live);
    expect(code).toBe(0);
    expect(stderr).toContain("v1 is already live");
  });

  test("--archive refuses a device at once", async () => {
    await using here = await place();
    const { code, stdout, stderr } = await here.deploy("--archive", "/dev/zero");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain('oneoff: --archive "/dev/zero": not a regular file\n');
    expect([await here.containers(), await here.tags()]).toEqual([[], []]);
  });

  test("--archive moves no tag before the switch, whatever the archive names", { tags: ["full"] }, async ({
    onTestFinished,
  }) => {
    await using here = await place();
    await here.deployed();
    const names = [`oneoff/${here.app}:latest`, `oneoff/other-${here.app}:latest`, `foreign-${here.app}:16`];
    const ids = async () =>
      Promise.all(names.map(async (name) => (await engine.get(`/images/${name}/json`)).body.Id as string | undefined));
    const tag = async (id: string, name: string) => {
      const [repo, version] = name.split(":");
      await engine.post(`/images/${id}/tag?repo=${repo}&tag=${version}`);
    };
    const live = (await here.latest()) as string;
    const base = (await engine.get("/images/busybox:local/json")).body.Id as string;
    const archived = await buildImage(
      host,
      `archived-${here.app}:1`,
      `FROM busybox:local\nLABEL archived=${here.app}\nCOPY Procfile app.json ./\nCMD sleep 600`,
      {
        Procfile: `${WEB}release: echo oh; exit 3\nmarker: echo archived\n`,
        "app.json": scripts({ first: "echo seeded" }),
      },
    );
    for (const name of names) await tag(archived, name);
    const { bytes: saved } = await engine.get(`/images/get?${names.map((name) => `names=${name}`).join("&")}`);
    await tag(live, names[0] ?? "");
    for (const name of names.slice(1)) await tag(base, name);
    onTestFinished(async () => {
      for (const name of names.slice(1)) await engine.delete(`/images/${name}`);
    });
    await engine.delete(`/images/archived-${here.app}:1`);
    await writeFile(join(here.source, "app.tar"), saved);

    const { code, stderr } = await here.deploy("--archive", "app.tar");
    expect(code).toBe(1);
    expect(stderr).toContain(`The release phase of ${here.app} failed: exit code 3`);
    expect(await ids()).toEqual([live, base, base]);
    expect(await here.tags()).toEqual(["latest", "v1"]);
    expect((await here.oneoff("run", here.app, "pwd")).stdout).toBe("/app\n");

    expect(await here.deployed("--archive", "app.tar", "--skip", "release")).toContain("first-postdeploy: seeded");
    expect((await ids()).slice(1)).toEqual([base, base]);
    expect(await here.latest()).not.toBe(live);
    expect((await here.oneoff("run", here.app, "marker")).stdout).toBe("archived\n");
    const filters = encodeURIComponent(JSON.stringify({ dangling: ["true"], label: [`archived=${here.app}`] }));
    expect((await engine.get(`/images/json?filters=${filters}`)).body).toEqual([]);
  });

  test("deploys an app without oneoff.yaml from a folder on the command line", async () => {
    await using here = await place({ files: { "app.json": scripts({ first: "true" }) } });
    await here.remove("oneoff.yaml");
    const fast = { healthchecks: { web: [{ type: "startup", uptime: 1 }] } };
    await here.write("app.json", JSON.stringify(fast));
    expect((await here.deploy(here.app, here.source)).stdout).toBe(`oneoff/${here.app}:v1\n`);
    expect((await here.oneoff("run", here.app, "pwd")).stdout).toBe("/app\n");
  });
});

describe.concurrent("releases and rollback", () => {
  test("rolls back to an older release without its phases, and forward again", async () => {
    await using here = await place({ files: { Procfile: `${WEB}release: echo migrated\n` } });
    await here.deployed();
    await here.write("Procfile", "web: sleep 700\nrelease: echo migrated\n");
    await here.deployed();
    const { stdout, stderr, code } = await here.oneoff("rollback", here.app);
    expect([code, stdout]).toEqual([0, `oneoff/${here.app}:v1\n`]);
    expect(stderr).not.toContain("migrated");
    expect((await here.inspect("web.1")).Config.Cmd).toEqual(["sleep", "600"]);
    expect(await here.releases()).toEqual([
      { release: 2, live: false },
      { release: 1, live: true },
    ]);
    expect((await here.oneoff("rollback", here.app)).stdout).toBe(`oneoff/${here.app}:v2\n`);
    expect((await here.inspect("web.1")).Config.Cmd).toEqual(["sleep", "700"]);
    expect(await here.containers()).toEqual(["web.1 running"]);
    const { stdout: table } = await here.oneoff("releases", here.app);
    expect(table).toMatch(
      new RegExp(
        `^RELEASE +IMAGE +TYPES +AGE\\nv2 +live +oneoff/${here.app}:v2 +web release +\\d+[sm]\\nv1 +oneoff/${here.app}:v1 +web release +\\d+[sm]\\n$`,
      ),
    );
  });

  test("gives a deploy after a rollback its own number, and rolls back from it to what was live", {
    tags: ["full"],
  }, async () => {
    await using here = await place();
    await here.deployed();
    const refused = await here.oneoff("rollback", here.app);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      `oneoff: "${here.app}" has no earlier release\n  oneoff releases ${here.app}\n`,
    ]);
    await here.deployed("--force");
    await here.oneoff("rollback", here.app);
    await here.deployed("--force");
    expect(await here.releases()).toEqual([
      { release: 3, live: true },
      { release: 2, live: false },
      { release: 1, live: false },
    ]);
    expect((await here.oneoff("rollback", here.app)).stdout).toBe(`oneoff/${here.app}:v1\n`);
  });

  test("keeps no more releases than configured", { tags: ["full"] }, async () => {
    await using here = await place();
    for (let n = 0; n < 3; n += 1) await here.deployed("--force", "--keep-releases", "2");
    expect(await here.tags()).toEqual(["latest", "v2", "v3"]);
  });

  test("ignores copies of a process, containers of planted or committed images, and images built FROM a release", {
    tags: ["full"],
  }, async () => {
    await using here = await place();
    await here.deployed();
    const { Config } = await here.inspect("web.1");
    const Labels = { ...Config.Labels, copied: here.app };
    const body = { Image: `oneoff/${here.app}:v1`, Labels, HostConfig: { Init: true } };
    const { Id } = (await engine.post(`/containers/create?name=${here.app}-debug`, body)).body;
    await engine.post(`/containers/${Id}/start`);
    const tag = (name: string) => `oneoff/${here.app}:${name}`;
    const lines = Object.entries(Config.Labels).map(([key, value]) => `LABEL ${key}=${JSON.stringify(value)}`);
    const planted = `${here.app}-planted:1`;
    await buildImage(host, planted, `FROM busybox:local\n${lines.join("\n")}\nVOLUME /data\n`);
    const committed = `${here.app}-committed`;
    await engine.post(`/commit?container=${here.app}.web.1&repo=${committed}&tag=1`, {});
    const others = await Promise.all(
      [planted, `${committed}:1`].map(async (Image, index) => {
        const Cmd = ["sleep", "600"];
        const settings = { Image, Cmd, Volumes: { "/data": {} }, HostConfig: { Init: true } };
        const made = (await engine.post(`/containers/create?name=${here.app}-other-${index}`, settings)).body.Id;
        expect((await engine.post(`/containers/${made}/start`)).status).toBe(204);
        return made as string;
      }),
    );
    await buildImage(host, tag("mine"), `FROM ${tag("v1")}\nRUN echo mine >/mine\n`);
    const mine = (await here.image("mine")).Id;

    await here.deployed("--force", "--keep-releases", "1");
    expect(await here.releases()).toContainEqual({ release: 2, live: true });
    expect((await here.oneoff("scale", here.app, "web=2")).code).toBe(0);
    expect((await here.oneoff("ps:stop", here.app)).code).toBe(0);
    await engine.post(`/images/${tag("mine")}/tag?repo=oneoff/${here.app}&tag=latest`);
    expect((await here.releases()).filter(({ live }) => live)).toEqual([]);
    expect((await here.oneoff("destroy", "--yes", here.app)).code).toBe(0);
    const { Name, State } = (await engine.get(`/containers/${Id}/json`)).body;
    expect([Name, State.Running]).toEqual([`/${here.app}-debug`, true]);
    for (const [index, other] of others.entries()) {
      const { Name, State, Mounts } = (await engine.get(`/containers/${other}/json`)).body;
      expect([Name, State.Running]).toEqual([`/${here.app}-other-${index}`, true]);
      expect((await engine.get(`/volumes/${Mounts[0].Name}`)).status).toBe(200);
      await engine.delete(`/containers/${other}?force=1&v=1`);
    }
    for (const image of [planted, `${committed}:1`]) await engine.delete(`/images/${image}`);
    expect((await here.image("mine")).Id).toBe(mine);
    // The copy runs it.
    expect(await here.releases()).toEqual([{ release: 1, live: false }]);
  });

  test("ignores a copy of a process with any of the app's names, and deploys its image", {
    tags: ["full"],
  }, async () => {
    await using here = await place();
    await here.deployed();
    const image = `${here.app}-copied:1`;
    await engine.post(`/commit?container=${here.app}.web.1&repo=${here.app}-copied&tag=1`, {});
    const copy = async (name: string) => {
      const body = { Image: image, Cmd: ["sleep", "600"], Labels: { copied: here.app }, HostConfig: { Init: true } };
      const { Id } = (await engine.post(`/containers/create?name=${name}`, body)).body;
      expect((await engine.post(`/containers/${Id}/start`)).status).toBe(204);
      return { Id: Id as string, name };
    };
    const copies = await Promise.all(["old", "new", "left"].map((suffix) => copy(`${here.app}.web.1.${suffix}`)));
    const alone = async () => {
      for (const { Id, name } of copies) {
        const { Name, State } = (await engine.get(`/containers/${Id}/json`)).body;
        expect([Name, State?.Running]).toEqual([`/${name}`, true]);
      }
    };
    expect((await here.oneoff("ps:stop", here.app)).code).toBe(0);
    // No name is free for the new process.
    expect(await here.oneoff("start", here.app)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`"/${here.app}.web.1.new" is already in use`),
    });
    await alone();
    expect((await here.oneoff("destroy", "--yes", here.app)).code).toBe(0);
    copies.push(await copy(`${here.app}.web.1`));
    expect((await here.oneoff("stop", `${here.app}.web.1`)).code).toBe(2);
    await here.oneoff("destroy", "--yes", here.app);
    await alone();
    for (const { Id } of copies) await engine.delete(`/containers/${Id}?force=1&v=1`);

    // Two deploys, since the second has to find the processes of the first.
    for (const _ of [1, 2]) {
      const { code, stderr } = await here.oneoff("deploy", here.app, "--force", "--image", image);
      expect(code, stderr).toBe(0);
    }
    const { Config } = await here.inspect("web.1");
    expect(Config.Labels["dev.oneoff.release"]).toBe("2");
    const names = (await engine.get("/containers/json?all=1")).body.flatMap(({ Names }: { Names: string[] }) => Names);
    expect(names.filter((name: string) => name.startsWith(`/${here.app}.web`))).toEqual([`/${here.app}.web.1`]);
    expect((await here.oneoff("destroy", "--yes", here.app)).code).toBe(0);
    await engine.delete(`/images/${image}`);
  });

  test("run --phase runs a phase as the deploy did", async () => {
    await using here = await place({ files: { Procfile: `${WEB}release: echo "migrating $A"; exit 5\n` } });
    await here.yaml("env: {A: b}\n");
    await here.deploy("--skip", "release");
    expect(await here.oneoff("run", "--phase", "release", here.app)).toMatchObject({
      code: 5,
      stdout: "migrating b\n",
    });
  });
});
