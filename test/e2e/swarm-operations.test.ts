// @module-tag full
import { rm, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { baseImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { DEPLOY_TIMEOUT_MS } from "../support/deploy-place.ts";
import { api, imageTags } from "../support/docker-api.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { folder } from "../support/folder.ts";
import { BINARY, eventually, type Said, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";
import { initSwarm } from "../support/swarm-bed.ts";
import { swarmObjects } from "../support/swarm-objects.ts";
import { swarmPlace } from "../support/swarm-place.ts";

let engine: TestEngine;
/** The home and working folder of another machine. */
let other: Awaited<ReturnType<typeof folder>>;

beforeAll(async () => {
  engine = await startEngine();
  await baseImage(engine.host);
  await initSwarm(engine.host);
  other = await folder();
}, DEPLOY_TIMEOUT_MS);

afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

const settings = { ...needs("swarm"), timeout: DEPLOY_TIMEOUT_MS };

/** `oneoff` on another machine, without oneoff.yaml. */
async function elsewhere(...args: string[]): Promise<Said> {
  const env = { DOCKER_HOST: engine.host, HOME: other.path };
  return said(await start([BINARY, ...args], { cwd: other.path, env, timeout: DEPLOY_TIMEOUT_MS }));
}

const PROCFILE = 'web: sh -c "echo $V; exec sleep 600"\nworker: sleep 600\n';

test("scales, restarts, stops and starts services from another machine", settings, async () => {
  await using here = await swarmPlace(engine.host, { files: { Procfile: PROCFILE }, yaml: "env: {V: '1'}\n" });
  await here.deployed();
  const { app } = here;
  const scaled = await elsewhere("scale", app, "web=2", "worker=1");
  expect(scaled).toMatchObject({ code: 0, stdout: "TYPE    QUANTITY\nweb     2\nworker  1\n" });
  expect(scaled.stderr).toContain("worker.1 is healthy\n");
  const [web, worker] = [await here.running("web"), await here.running("worker")];
  expect([web.length, worker.length]).toEqual([2, 1]);

  await here.manifest("env: {V: '2'}\n");
  await here.deployed();
  expect([await here.running("web"), await here.running("worker")]).toMatchObject([{ length: 2 }, { length: 1 }]);

  const before = await here.running("web");
  expect((await elsewhere("restart", app)).code).toBe(0);
  const after = await here.running("web");
  expect(after).toHaveLength(2);
  expect(after.filter((id) => before.includes(id))).toEqual([]);

  const stopped = await elsewhere("ps:stop", app, "web");
  expect(stopped.code).toBe(0);
  expect(stopped.stderr).toContain("Stopped web.2\n");
  expect([await here.running("web"), await here.running("worker")]).toMatchObject([[], { length: 1 }]);
  expect((await elsewhere("ps:stop", app, "web")).stderr).toContain(`No processes of ${app} are running`);
  expect((await elsewhere("start", app)).code).toBe(0);
  expect(await here.running("web")).toHaveLength(2);

  const destroyed = await elsewhere("destroy", "--yes", app);
  expect(destroyed.code, destroyed.stderr).toBe(0);
  expect(await here.state()).toEqual([]);
  expect(await imageTags(engine.host, `oneoff/${app}`)).toEqual([]);
  expect((await elsewhere("restart", app)).stderr).toContain(`No such app "${app}"`);
});

test("rolls back to the recorded services of an older release", settings, async () => {
  await using here = await swarmPlace(engine.host, { files: { Procfile: PROCFILE }, yaml: "env: {V: '1'}\n" });
  const { app } = here;
  await here.deployed();
  expect((await elsewhere("rollback", app)).stderr).toContain(`"${app}" has no earlier release`);
  await here.manifest("env: {V: '2'}\n");
  await here.deployed();
  await elsewhere("scale", app, "web=2");
  const variables = async () => (await here.services()).map(({ Spec }) => Spec.TaskTemplate.ContainerSpec.Env);
  expect((await variables())[0]).toContain("V=2");

  const { code, stderr } = await elsewhere("rollback", app);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain(`${app} v1 is live`);
  expect((await variables())[0]).toContain("V=1");
  // A rollback keeps the quantities.
  expect(await here.running("web")).toHaveLength(2);
  expect(await here.releases()).toEqual([
    { release: 2, live: false },
    { release: 1, live: true },
  ]);
  expect((await elsewhere("rollback", app)).stderr).toContain(`${app} v2 is live`);
  expect((await elsewhere("rollback", app, "v7")).stderr).toContain(
    `No such release v7 of "${app}"; expected v2 or v1`,
  );
});

test("keeps what runs if a change fails", settings, async () => {
  await using shared = await folder();
  const yaml = `mounts: ["${shared.path}:/shared"]\n`;
  const web = (seconds: number) => `web: sh -c "test ! -e /shared/bad || exit 3; exec sleep ${seconds}"\n`;
  await using here = await swarmPlace(engine.host, { files: { Procfile: web(600) }, yaml });
  const { app } = here;
  await here.deployed();
  await here.write("Procfile", web(601));
  await here.deployed();
  const before = await here.running("web");
  await writeFile(`${shared.path}/bad`, "");

  const scaled = await elsewhere("scale", app, "web=2");
  expect(scaled.code).toBe(1);
  expect(scaled.stderr).toMatch(/web\.2 of \S+ on \S+ exited with code 3; v2 keeps running/);
  expect((await elsewhere("scale", app)).stdout).toBe("TYPE  QUANTITY\nweb   1\n");
  await eventually(async () => expect(await here.running("web")).toEqual(before));

  const back = await elsewhere("rollback", app);
  expect(back.code).toBe(1);
  expect(back.stderr).toContain("exited with code 3; v2 keeps running");
  await rm(`${shared.path}/bad`);
  await eventually(async () => expect(await here.running("web")).toHaveLength(1));
  expect(await here.releases()).toMatchObject([{ live: true }, { live: false }]);
});

test("keeps as many releases as asked for", settings, async () => {
  await using here = await swarmPlace(engine.host);
  for (const seconds of [601, 602, 603]) {
    await here.write("Procfile", `web: sleep ${seconds}\n`);
    await here.deployed("--keep-releases", "1");
  }
  expect(await here.state()).toEqual(["v2", "v3", "web v3"]);
});

test("waits for the lock of a deploy, or names who holds it", settings, async () => {
  await using here = await swarmPlace(engine.host, { files: { Procfile: `${PROCFILE}release: sleep 600\n` } });
  await using deploy = await here.begin("deploy");
  await eventually(async () => expect(await here.containers()).toHaveLength(1));
  const { code, stderr } = await elsewhere("scale", here.app, "web=2");
  expect(code).toBe(1);
  expect(stderr).toMatch(/is already in progress since \S+, by \S+@\S+\n/);
  deploy.child.kill("SIGTERM");
  await deploy.done;
});

test("changes no service that it did not deploy, and names the app of an own service", settings, async () => {
  await using objects = swarmObjects(engine.host);
  const name = objects.name("shop_web");
  const id = await objects.service(name, { Args: ["sleep", "600"] });
  await objects.running(name);
  const inspect = async () => (await api(engine.host).get(`/services/${id}`)).body.Version.Index;
  const before = await inspect();
  const lines: [args: string[], docker: string][] = [
    [["scale", name, "web=2"], "scale"],
    [["restart", name], "update --force"],
    [["start", name], "scale"],
    [["ps:stop", name], "scale"],
    [["rollback", name], "rollback"],
    [["destroy", "--yes", name], "rm"],
    [["deploy", "--swarm", "--image", "busybox:local", name], "update --image"],
  ];
  for (const [args, docker] of lines) {
    const { code, stderr } = await elsewhere(...args);
    expect(code, stderr).toBeGreaterThan(0);
    expect(stderr).toContain(`"${name}" is a Swarm service that oneoff did not deploy\n  docker service ${docker}`);
  }
  expect(await inspect()).toBe(before);

  await using here = await swarmPlace(engine.host);
  await here.deployed();
  const { code, stderr } = await elsewhere("restart", `${here.app}-web`);
  expect(code).toBe(2);
  expect(stderr).toContain(`oneoff restart ${here.app}\n`);
});

test("reads schedules of app.json, and deploys no app to the Swarm that the engine runs", settings, async () => {
  const cron = [{ command: "true", schedule: "@daily" }];
  await using here = await swarmPlace(engine.host, { files: { "app.json": JSON.stringify({ cron }) } });
  await here.deployed();
  expect((await elsewhere("cron", here.app)).stdout).toContain("true");
  await elsewhere("destroy", "--yes", here.app);

  await here.write("oneoff.yaml", `app: ${here.app}\nbuild: .\nprocesses: {health-wait: 1s, stop-grace: 1s}\n`);
  await here.deployed();
  const { code, stderr } = await here.deploy("--swarm");
  expect(code).toBe(2);
  expect(stderr).toContain(`"${here.app}" is deployed to this engine`);
  expect(await here.state()).toEqual([]);
});
