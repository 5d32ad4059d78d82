import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { parseProcfile } from "../../src/app/procfile.ts";
import { cli } from "../../src/cli/program.ts";
import { readScale, scaleImage } from "../../src/deploy/rollout/scale.ts";
import { openTransport } from "../../src/engine/transport.ts";
import { currentRelease, recordRelease, setLatest } from "../../src/release/releases.ts";
import { previousTag } from "../../src/release/tags.ts";
import { buildImage } from "../support/base-image.ts";
import { api, imageTags, removeByLabel, socketOf } from "../support/docker-api.ts";
import { fakeContext } from "../support/fake-context.ts";
import { fakeTerminal } from "../support/fake-terminal.ts";
import { folder } from "../support/folder.ts";

const host = inject("engineHost");
const engine = api(host);
const transport = openTransport(() => ({ socketPath: socketOf(host), from: "--host" }));
const app = `app-${randomUUID().slice(0, 8)}`;
const label = `dev.oneoff.app=${app}`;
afterAll(async () => {
  await removeByLabel(host, label);
  await transport[Symbol.asyncDispose]();
});

async function oneoff(words: readonly string[], typed?: string, cwd?: string) {
  const terminal = fakeTerminal(typed === undefined ? {} : { input: "terminal" });
  terminal.stdin.end(typed);
  const code = await cli(words, fakeContext({ env: { DOCKER_HOST: host }, terminal, ...(cwd && { cwd }) }));
  return { code, stdout: terminal.out, stderr: terminal.err };
}
const quick = ["--health-wait", "1s"];

async function processes(): Promise<string[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [label, "dev.oneoff.kind=process"] }));
  const { body } = await engine.get(`/containers/json?all=1&filters=${filters}`);
  return body
    .map(({ Id, Names, State }: { Id: string; Names: string[]; State: string }) => `${Names[0]} ${State} ${Id}`)
    .sort();
}
/** Removes ids from the output. */
const shown = async () => (await processes()).map((line) => line.replace(`/${app}.`, "").replace(/ \w+$/, ""));

beforeAll(async () => {
  const { body } = await engine.get("/images/busybox:local/json");
  const release = await recordRelease(transport, {
    app,
    number: 1,
    imageId: body.Id,
    base: body.Id,
    created: "2026-01-01T00:00:00Z",
    procfile: parseProcfile("web: sleep 1000\nworker: sleep 1000\nrelease: true"),
    appJson: { scripts: {}, env: new Map(), formation: new Map(), healthchecks: new Map(), cron: [] },
  });
  // Nothing is live yet, so a scale is only stored.
  expect(await oneoff(["scale", app, "web=2", "worker=0"])).toEqual({
    code: 0,
    stdout: "TYPE    QUANTITY\nweb     2\nworker  0\n",
    stderr: "",
  });
  expect(await processes()).toEqual([]);
  expect(await oneoff(["start", app])).toEqual({
    code: 1,
    stdout: "",
    stderr: `oneoff: "${app}" has not been deployed: no image oneoff/${app}:latest\n  oneoff deploy ${app}\n`,
  });
  await setLatest(transport, release);
});

test.each([
  ["scale"],
  ["scale", "web=2"],
  ["ps"],
  ["releases"],
  ["ps:stop"],
  ["destroy", "--yes"],
  ["start"],
  ["restart"],
  ["rollback"],
])("%s of an unknown app names the most similar app", async (command, ...more) => {
  const typo = app.replace("app-", "apq-");
  const { code, stdout, stderr } = await oneoff([
    command,
    ...more.filter((word) => word === "--yes"),
    typo,
    ...more.filter((word) => word !== "--yes"),
  ]);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(`oneoff: No such app "${typo}"`);
  expect(stderr).toMatch(`Did you mean ${app}?`);
  expect(stderr).toMatch(`\n  oneoff ${command} ${app}\n`);
});

test("refuses to scale an app that another tool deployed, and changes nothing", async () => {
  const foreign = `foreign-${app}`;
  const Labels = { "com.dokku.app-name": foreign, "com.dokku.container-type": "deploy" };
  const { body } = await engine.post(`/containers/create?name=${foreign}.web.1`, {
    ...{ Image: "busybox:local", Cmd: ["true"], Labels },
  });
  try {
    expect(await oneoff(["scale", foreign, "web=2"])).toEqual({
      ...{ code: 1, stdout: "" },
      stderr: `oneoff: "${foreign}" was deployed by dokku, not by oneoff\n  dokku ps:scale ${foreign} web=2\n`,
    });
    expect(await imageTags(host, `oneoff/${foreign}`)).toEqual([]);
  } finally {
    await engine.delete(`/containers/${body.Id}`);
  }
});

test("ps:start starts an app as scaled, and does not touch running processes", async () => {
  expect(await oneoff(["start", ...quick, app])).toMatchObject({ code: 0, stdout: "" });
  const first = await processes();
  expect(await shown()).toEqual(["web.1 running", "web.2 running"]);
  const { code, stderr } = await oneoff(["start", ...quick, app]);
  expect({ code, lines: stderr.split("\n").sort() }).toEqual({
    code: 0,
    lines: ["", "web.1 is already running", "web.2 is already running"],
  });
  expect(await processes()).toEqual(first);
});

test("scale shows, changes and stores the scale of running processes", async () => {
  expect((await oneoff(["scale", app, "--format", "json"])).stdout).toBe(
    '[{"process_type":"web","quantity":2},{"process_type":"worker","quantity":0}]\n',
  );
  const [web1] = await processes();
  expect(await oneoff(["scale", ...quick, app, "web=1", "worker=1"])).toMatchObject({ code: 0 });
  expect(await shown()).toEqual(["web.1 running", "worker.1 running"]);
  expect((await processes())[0]).toBe(web1);
  expect([...(await readScale(transport, app))]).toEqual([
    ["web", 1],
    ["worker", 1],
  ]);
});

test("refuses an invalid scale, and neither applies nor stores it", async () => {
  const before = await processes();
  expect((await oneoff(["scale", app, "release=1"])).code).toBe(2);
  expect((await oneoff(["scale", app, "nope=1"])).code).toBe(2);
  expect((await oneoff(["scale", app, "web=many"])).code).toBe(2);
  expect(await processes()).toEqual(before);
  expect([...(await readScale(transport, app)).keys()]).toEqual(["web", "worker"]);
});

test("stops processes by type or all, keeps them, and starts them again", async () => {
  // `oneoff stop` stops one-offs only, and reports that.
  expect(await oneoff(["stop", app])).toEqual({
    ...{ code: 0, stdout: "" },
    stderr: `No one-offs of ${app} are running; to stop its processes: oneoff ps:stop ${app}\n`,
  });
  expect((await oneoff(["ps:stop", app, "worker"])).stderr).toBe(
    "Stopping worker.1 (waiting up to 30 s)\nStopped worker.1\n",
  );
  expect(await shown()).toEqual(["web.1 running", "worker.1 exited"]);
  expect(await oneoff(["ps:stop", app, "clock"])).toEqual({
    code: 2,
    stdout: "",
    stderr: `oneoff: "${app}" has no processes of type "clock"; expected "web" or "worker"\n  oneoff ps ${app}\n`,
  });
  await oneoff(["ps:stop", app]);
  expect(await shown()).toEqual(["web.1 exited", "worker.1 exited"]);
  expect((await oneoff(["ps:stop", app])).stderr).toBe(`No processes of ${app} are running\n`);
  await oneoff(["start", ...quick, app]);
  expect(await shown()).toEqual(["web.1 running", "worker.1 running"]);
});

test("restart replaces each process", async () => {
  const before = await processes();
  expect(await oneoff(["restart", ...quick, app])).toMatchObject({ code: 0, stdout: "" });
  expect(await shown()).toEqual(["web.1 running", "worker.1 running"]);
  expect((await processes()).filter((line) => before.includes(line))).toEqual([]);
});

test("destroy deletes an app with all its data after its name is typed, or with --yes", async () => {
  const before = await processes();
  const refused = `oneoff: Nothing was destroyed: expected the name of the app, "${app}", as confirmation\n  oneoff destroy --yes ${app}\n`;
  expect(await oneoff(["destroy", app])).toEqual({ code: 2, stdout: "", stderr: refused });
  for (const typed of ["", "y\n", `${app}x\n`]) {
    const { code, stderr } = await oneoff(["destroy", app], typed);
    expect({ code, refused: stderr.endsWith(refused) }).toEqual({ code: 2, refused: true });
  }
  expect(await processes()).toEqual(before);
  expect(await oneoff(["destroy", app], `${app}\n`)).toMatchObject({ code: 0 });
  expect(await processes()).toEqual([]);
  expect(await currentRelease(transport, app)).toBeUndefined();
  expect((await engine.get(`/images/${scaleImage(app)}/json`)).status).toBe(404);
  const again = await oneoff(["destroy", "--yes", app]);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining(`No such app "${app}"`)]);
});

test("destroy keeps images that oneoff did not make, whatever their tags, and does not list them as live", async ({
  onTestFinished,
}) => {
  const own = `app-${randomUUID().slice(0, 8)}`;
  const { body } = await engine.get("/images/busybox:local/json");
  const release = await recordRelease(transport, {
    ...{ app: own, number: 1, imageId: body.Id, base: body.Id, created: "2026-01-01T00:00:00Z" },
    procfile: parseProcfile("web: sleep 1000"),
    appJson: { scripts: {}, env: new Map(), formation: new Map(), healthchecks: new Map(), cron: [] },
  });
  await setLatest(transport, release);
  expect((await oneoff(["scale", own, "web=0"])).code).toBe(0);
  await using there = await folder({ "oneoff.yaml": `apps: {${own}: {image: "busybox:local"}}` });
  const described = async () => {
    const { stdout } = await oneoff(["apps", "--format", "json"], undefined, there.path);
    return JSON.parse(stdout).find(({ name }: { name: string }) => name === own).image;
  };
  expect(await described()).toBe(`oneoff/${own}:latest`);
  // An image built FROM a release inherits its labels.
  const tags = [`oneoff/${own}:latest`, previousTag(own), scaleImage(own)] as const;
  for (const [at, tag] of tags.entries()) {
    await buildImage(host, tag, `FROM ${at === 2 ? "busybox:local" : release.image}\nLABEL mine=${at}`);
  }
  onTestFinished(async () => {
    for (const tag of await imageTags(host, `oneoff/${own}`)) await engine.delete(`/images/${tag}`);
  });
  expect(await described()).toBe("busybox:local");
  const listed = JSON.parse((await oneoff(["apps", "--format", "json"])).stdout);
  expect(listed).toContainEqual(expect.objectContaining({ name: own, from: "image" }));
  const { code, stderr } = await oneoff(["destroy", "--yes", own]);
  expect(code).toBe(0);
  for (const tag of tags) {
    expect(stderr).toContain(
      `warning: ${tag} is kept, because oneoff did not build it; to remove it: docker rmi ${tag}\n`,
    );
  }
  expect(await imageTags(host, `oneoff/${own}`)).toEqual([...tags].sort());
});
