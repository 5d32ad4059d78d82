import { randomUUID } from "node:crypto";
import { afterAll, expect, inject, test } from "vitest";
import { ofDokku } from "../support/deployed.ts";
import { api, removeByLabel } from "../support/docker-api.ts";
import { BINARY, eventually, oneoffSuite, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";

const host = inject("engineHost");
const engine = api(host);
const suite = oneoffSuite(host);
const OTHERS = `test.oneoff.ps=${randomUUID()}`;
afterAll(() => removeByLabel(host, OTHERS));

const appName = () => `app-${randomUUID().slice(0, 8)}`;
const env = { DOCKER_HOST: host };
const oneoff = async (words: string[], more: { env?: Record<string, string>; cwd?: string } = {}) =>
  said(await start([BINARY, ...words], { ...more, env: { ...env, ...more.env }, timeout: 60_000 }));

const HEADING = "=== run: one-off processes\n";
const UP = /^run\.\d{4}: up \d{4}(\/\d\d){2} \d\d(:\d\d){2} \(~ \d+[sm] ago\): `sleep 600`$/m;

test("ps lists what runs, and nothing afterwards", async () => {
  const app = appName();
  await using mine = suite.apart();
  await using live = await mine.start([app, "sleep", "600"]);
  await mine.running();
  const { code, stdout, stderr } = await oneoff(["ps", app]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(UP);
  expect(stdout.replace(UP, "")).toBe(`${HEADING}\n`);
  live.child.kill("SIGTERM");
  await live.done;
  await mine.gone();
  expect(await oneoff(["ps", app])).toEqual({ code: 0, stdout: "", stderr: `No one-offs of ${app} are running\n` });
  expect(await oneoff(["ps", app, "--format", "json"])).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
});

test("ps lists the deployed processes of other tools after one-offs, by their types", { tags: ["full"] }, async () => {
  const app = appName();
  await using mine = suite.apart();
  const [key, value] = OTHERS.split("=") as [string, string];
  for (const [type, index] of [
    ["worker", 1],
    ["web", 2],
    ["web", 1],
  ] as const) {
    const { Names, Labels } = ofDokku(app, type, index);
    const body = { Image: "busybox:local", Cmd: ["sleep", "600"], Labels: { ...Labels, [key]: value } };
    const { body: made } = await engine.post(`/containers/create?name=${Names[0]?.slice(1)}`, body);
    await engine.post(`/containers/${made.Id}/start`);
  }
  await using live = await mine.start([app, "sleep", "600"]);
  await mine.running();
  const { stdout } = await oneoff(["ps", app]);
  expect(stdout.replaceAll(/ \d{4}\/.*ago\)/g, "")).toMatch(
    /^=== run: one-off processes\nrun\.\d{4}: up: `sleep 600`\n\n=== web: sleep 600\nweb\.1: up\nweb\.2: up\n\n=== worker: sleep 600\nworker\.1: up\n$/,
  );
  expect(await oneoff(["ps", app, "clock"])).toEqual({
    code: 2,
    stdout: "",
    stderr: `oneoff: ${app} has no process type "clock"; expected "run", "web" or "worker"\n  oneoff ps ${app} run\n`,
  });
  live.child.kill("SIGKILL");
});

test("ps lists a finished detached one-off as long as it is kept", async () => {
  const app = appName();
  await using mine = suite.apart();
  expect(await mine.run(["-d", "-q", app, "sh", "-c", "exit 3"])).toMatchObject({ code: 0 });
  await eventually(async () => {
    const { stdout } = await oneoff(["ps", "--all", "--format", "json", app]);
    expect(JSON.parse(stdout)).toMatchObject([{ app, type: "run", state: "crashed", exitCode: 3, signal: null }]);
  });
  expect((await oneoff(["ps", "--all", app])).stdout).toMatch(/^run\.\d{4}: crashed \(3\) .*: `sh -c 'exit 3'`$/m);
  expect(await oneoff(["ps", app])).toMatchObject({ code: 0, stdout: "" });
  expect(await oneoff(["ps", "--state", "complete", app])).toMatchObject({ code: 0, stdout: "" });
});

test("ps shows no secrets, neither to people nor to programs", async () => {
  const app = appName();
  await using mine = suite.apart();
  const secret = "s3cr3t-of-mine";
  await using live = await mine.start(["-e", `API_TOKEN=${secret}`, app, "sh", "-c", `sleep 600; : ${secret}`]);
  await mine.running();
  for (const format of ["text", "json"]) {
    const { stdout } = await oneoff(["ps", app, "--format", format]);
    expect(stdout).toContain("sleep 600");
    expect(stdout).not.toContain(secret);
  }
  live.child.kill("SIGKILL");
});

test("ps prints local times", { tags: ["full"] }, async () => {
  const app = appName();
  await using mine = suite.apart();
  await using live = await mine.start([app, "sleep", "600"]);
  await mine.running();
  const hour = async (TZ: string) =>
    Number(/ (\d\d):\d\d:\d\d /.exec((await oneoff(["ps", app], { env: { TZ } })).stdout)?.[1]);
  expect(((await hour("Etc/GMT-5")) - (await hour("UTC")) + 24) % 24).toBe(5);
  live.child.kill("SIGKILL");
});
