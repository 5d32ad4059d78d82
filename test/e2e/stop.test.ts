import { randomUUID } from "node:crypto";
import { afterAll, expect, inject, test } from "vitest";
import { api, removeByLabel } from "../support/docker-api.ts";
import { BINARY, eventually, type Oneoffs, oneoffSuite, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";

const host = inject("engineHost");
const engine = api(host);
const suite = oneoffSuite(host);
const OTHERS = `test.oneoff.stop=${randomUUID()}`;
afterAll(() => removeByLabel(host, OTHERS));

const appName = () => `app-${randomUUID().slice(0, 8)}`;
const stop = async (...words: string[]) =>
  said(await start([BINARY, "stop", ...words], { env: { DOCKER_HOST: host }, timeout: 60_000 }));

const name = async (mine: Oneoffs): Promise<string> => (await mine.running()).Config.Labels["dev.oneoff.name"];
const heeding = ["sh", "-c", 'trap "echo bye; exit 5" TERM; echo ready; while :; do sleep 0.1; done'];
const deaf = ["sh", "-c", 'trap "" TERM; echo ready; while :; do sleep 0.1; done'];

test("lets a one-off with a SIGTERM handler exit by itself, which its session reports", async () => {
  const app = appName();
  await using mine = suite.apart();
  await using live = await mine.start([app, ...heeding]);
  await eventually(() => expect(live.stdout.toString()).toBe("ready\n"));
  const one = await name(mine);
  expect(await stop(one)).toEqual({ code: 0, stdout: "", stderr: `Stopped ${one} of ${app}\n` });
  expect(await said(live)).toEqual({ code: 5, stdout: "ready\nbye\n", stderr: "" });
});

test("kills a one-off that ignores SIGTERM after its grace period", async () => {
  const app = appName();
  await using mine = suite.apart();
  await using live = await mine.start([app, ...deaf]);
  await eventually(() => expect(live.stdout.toString()).toBe("ready\n"));
  expect(await stop("--grace", "1s", app)).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Stopped /) });
  expect((await said(live)).code).toBe(137);
});

test("stops all one-offs of an app, and none of another", async () => {
  const app = appName();
  await using mine = suite.apart();
  await using other = suite.apart();
  const lives = await Promise.all([1, 2, 3].map(() => mine.start([app, "sleep", "600"])));
  await using bystander = await other.start([appName(), "sleep", "600"]);
  await other.running();
  await eventually(async () => {
    expect((await mine.containers()).map(({ State }) => State)).toEqual(["running", "running", "running"]);
  });
  const { code, stderr } = await stop(app);
  expect(code).toBe(0);
  expect(stderr.replaceAll(/run\.\d{4}/g, "run.N")).toBe(`Stopped run.N of ${app}\n`.repeat(3));
  for (const live of lives) expect((await said(live)).code).toBe(143);
  expect(await stop("--app", app)).toEqual({ code: 0, stdout: "", stderr: `No one-offs of ${app} are running\n` });
  await other.running();
  bystander.child.kill("SIGKILL");
});

test("reports that a kept one-off has already exited", async () => {
  const app = appName();
  await using mine = suite.apart();
  expect(await mine.run(["-d", "-q", app, "sleep", "600"])).toMatchObject({ code: 0 });
  const one = await name(mine);
  expect(await stop(one)).toMatchObject({ code: 0, stderr: `Stopped ${one} of ${app}\n` });
  expect(await stop(one)).toMatchObject({ code: 0, stderr: `${one} of ${app} has already exited\n` });
  expect((await mine.containers()).map(({ State }) => State)).toEqual(["exited"]);
});

test("stops nothing if one of the names is unknown, or no one-off", async () => {
  const app = appName();
  await using mine = suite.apart();
  await using live = await mine.start([app, "sleep", "600"]);
  const one = await name(mine);
  const foreign = `${app}-web-1`;
  const [key, value] = OTHERS.split("=") as [string, string];
  const body = { Image: "busybox:local", Cmd: ["sleep", "600"], Labels: { [key]: value } };
  const { Id } = (await engine.post(`/containers/create?name=${foreign}`, body)).body;
  await engine.post(`/containers/${Id}/start`);

  expect(await stop(one, "run.99999")).toMatchObject({
    code: 1,
    stderr: 'oneoff: No such one-off or app "run.99999"; nothing was stopped\n  oneoff ps\n',
  });
  for (const word of [foreign, Id, Id.slice(0, 12)]) {
    expect(await stop(one, word)).toMatchObject({
      code: 2,
      stderr: `oneoff: The container "${word.slice(0, 60)}${word.length > 60 ? "…" : ""}" is not a one-off\n  oneoff ps\n`,
    });
  }
  expect((await mine.running()).State.Running).toBe(true);
  expect((await engine.get(`/containers/${Id}/json`)).body.State.Running).toBe(true);
  live.child.kill("SIGKILL");
});

test("removes a one-off that was never started", async () => {
  const app = appName();
  await using mine = suite.apart();
  const [key, value] = mine.label.split("=") as [string, string];
  const container = `${app}.run.4242`;
  const labels = { "dev.oneoff.kind": "run", "dev.oneoff.app": app, "dev.oneoff.name": "run.4242", [key]: value };
  const Labels = { ...labels, "dev.oneoff.container": container };
  await engine.post(`/containers/create?name=${container}`, { Image: "busybox:local", Cmd: ["true"], Labels });
  expect(await stop("--app", app, "run.4242")).toMatchObject({
    code: 0,
    stderr: `Stopped run.4242 of ${app}\n`,
  });
  await mine.gone();
});

test("stops a paused one-off like any other", async () => {
  const app = appName();
  await using mine = suite.apart();
  await using live = await mine.start([app, "sleep", "600"]);
  const { Id } = await mine.running();
  await engine.post(`/containers/${Id}/pause`);
  expect(await stop("--grace", "1s", app)).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Stopped /) });
  expect([137, 143]).toContain((await said(live)).code);
});
