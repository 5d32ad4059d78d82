import { describe, expect, onTestFinished, test } from "vitest";
import type { AppSettings } from "../../../src/app/app.ts";
import { parseAppJson } from "../../../src/app/app-json.ts";
import { type DeployRequest, deploy } from "../../../src/deploy/deploy.ts";
import type { Step } from "../../../src/deploy/plan.ts";
import { processBody } from "../../../src/deploy/rollout/process-spec.ts";
import { STEPS, type StepName } from "../../../src/deploy/step-names.ts";
import { hasSameContent } from "../../../src/deploy/unchanged.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import type { Event } from "../../../src/output/events.ts";
import type { RecordedRelease } from "../../../src/release/release-labels.ts";
import { details, ofOneoff } from "../../support/deployed.ts";
import { fakeEngine } from "../../support/fake-engine.ts";
import { fakeTerminal } from "../../support/fake-terminal.ts";
import { ATTACH, CREATE, REMOVE, START, WAIT } from "../../support/session-scene.ts";

const appJson = (text: object = {}) => parseAppJson(Buffer.from(JSON.stringify(text)));
const searchedPaths = { procfile: "Procfile", appJson: "app.json" };
const files = { procfile: new Map([["web", "./web"]]), appJson: appJson(), searchedPaths };
const live: RecordedRelease = {
  ...{ app: "a", number: 7, image: "oneoff/a:v7", imageId: "sha256:r7", base: "sha256:i", created: "" },
  ...{ ...files, postdeployedOn: "here" },
};

const appWith = (phaseTimeouts: AppSettings["phaseTimeouts"]): DeployRequest["app"] => ({
  ...{ name: "a", env: new Map() },
  settings: phaseTimeouts ? { phaseTimeouts } : {},
});

/** Skips all other steps; phases run `./phase`. */
const plan = (...names: StepName[]): Step[] =>
  STEPS.map((name) =>
    names.includes(name)
      ? { name, ...(!["build", "schedule"].includes(name) && { command: "./phase" }) }
      : { name, skipped: "not now" },
  );

/** Requests that remove the temporary tags at the end of every deploy. */
const TEMPORARY_TAGS = ["draft", "predeploy", "built", "loaded"].map((tag) => `DELETE /images/oneoff/a:oneoff-${tag}`);

async function scene(overrides: Partial<DeployRequest> = {}) {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  onTestFinished(() => transport[Symbol.asyncDispose]());
  for (const route of TEMPORARY_TAGS) engine.always(route, 404, { message: "No such image" });
  const events: Event[] = [];
  const context = {
    ...{ engine: transport, terminal: fakeTerminal(), report: (event: Event) => events.push(event) },
    ...{ random: () => 0, owner: { self: "me", isAlive: () => true }, monotonic: () => 100 },
    cache: { get: () => undefined, set: () => {} },
    signal: new AbortController().signal,
  };
  const request: DeployRequest = {
    lock: { cleanUp: (remove) => remove() },
    ...{ app: { name: "a", env: new Map(), settings: {} }, plan: plan("schedule"), number: 8, files },
    ...{ source: undefined, imageId: "sha256:i", current: live, scale: new Map(), phaseTimeout: undefined },
    ...{ keepReleases: 5, isFirst: false, force: false, ...overrides },
  };
  return {
    engine,
    events,
    deploy: () => deploy(context, request),
    get routes() {
      return engine.requests.map(({ method, path }) => `${method} ${path}`);
    },
    /** Answers the requests of a phase in this image with an exit code. */
    async phase(image: string, code: number) {
      engine.on(`GET /images/${image}/json`, 200, { Id: image, Config: { Cmd: ["x"] } });
      const create = engine.on(CREATE, 201, { Id: "c" });
      const [attach, wait] = [engine.on(ATTACH), engine.on(WAIT)];
      const start = engine.on(START);
      if (code === 0) engine.on(REMOVE, 204);
      const socket = (await attach).upgrade();
      const answer = (await wait).acknowledge();
      (await start).reply(204);
      socket.end();
      answer.end(JSON.stringify({ StatusCode: code }));
      return (await create).body;
    },
    /** One web of the live release is running. */
    webIsRunning() {
      const { Labels } = processBody(request.app, live, { type: "web", index: 1, port: "5000", displaces: false });
      engine.on("GET /containers/json", 200, [{ ...ofOneoff("a", "web", 1, { Id: "w" }), Labels }]);
      engine.on("GET /images/sha256:r7/json", 200, { Id: "sha256:r7", Config: { Env: [] } });
      engine.on("GET /containers/w/json", 200, details({ Env: ["DYNO=web.1", "PORT=5000"] }));
    },
  };
}

describe("deploy without changes", () => {
  test("skips all steps if the live release is unchanged", async () => {
    const s = await scene();
    s.webIsRunning();
    expect(await s.deploy()).toBeUndefined();
    expect(s.events).toEqual([
      { type: "step-skipped", step: "build", reason: "not now" },
      { type: "unchanged", app: "a", release: 7, image: "oneoff/a:v7" },
    ]);
  });

  test("runs first-postdeploy of an unchanged release if it has never succeeded", async () => {
    const files = { procfile: live.procfile, appJson: appJson({ scripts: { postdeploy: "seed" } }), searchedPaths };
    const current = { ...live, appJson: files.appJson };
    const s = await scene({ isFirst: true, files, current, plan: plan("first-postdeploy") });
    const deploying = s.deploy().catch((error: unknown) => error);
    expect((await s.phase("sha256:r7", 3)).Image).toBe("sha256:r7");
    expect(await deploying).toMatchObject({ code: "phase-failed", phase: "first-postdeploy" });
    expect(s.events).toContainEqual({
      type: "warning",
      message: "v7 is live; retry the first-postdeploy phase with: oneoff deploy --from first-postdeploy a …",
    });
    // Not marked as succeeded, so the next deploy runs it again.
    expect(s.routes.filter((route) => /images\/load|tag|commit/.test(route))).toEqual([]);
  });
});

describe("postdeploy without schedule", () => {
  test("runs postdeploy in the live release", async () => {
    const s = await scene({ force: true, plan: plan("postdeploy") });
    const finished = s.engine.on("GET /images/json", 200, []);
    const deploying = s.deploy();
    const { Image, Labels } = await s.phase("sha256:r7", 0);
    await finished;
    expect([Image, Labels["dev.oneoff.release"]]).toEqual(["sha256:r7", "8"]);
    expect(await deploying).toBeUndefined();
    expect(s.events.at(-1)).toEqual({ type: "step-skipped", step: "first-postdeploy", reason: "not now" });
  });

  test("runs postdeploy in the deployed image without a live release", async () => {
    const s = await scene({ current: undefined, plan: plan("postdeploy") });
    const deploying = s.deploy().catch((error: unknown) => error);
    expect((await s.phase("sha256:i", 3)).Image).toBe("sha256:i");
    expect(await deploying).toMatchObject({ code: "phase-failed", message: expect.not.stringContaining("is live") });
  });
});

test("stops after a failed phase", async () => {
  const s = await scene({ force: true, plan: plan("release", "schedule", "postdeploy") });
  const deploying = s.deploy().catch((error: unknown) => error);
  await s.phase("sha256:i", 3);
  expect(await deploying).toMatchObject({ code: "phase-failed", phase: "release", exitCode: 3 });
  expect(s.events.slice(-2)).toEqual([
    { type: "step-failed", step: "release", seconds: 0 },
    { type: "deploy-failed", app: "a", liveRelease: 7, changed: false },
  ]);
  expect(s.routes.slice(-4)).toEqual(TEMPORARY_TAGS);
});

test("keeps the images that another deploy may need after it lost its lock", async () => {
  const lock = { cleanUp: async () => {} };
  const s = await scene({ force: true, plan: plan("release"), lock });
  const deploying = s.deploy().catch((error: unknown) => error);
  await s.phase("sha256:i", 3);
  expect(await deploying).toMatchObject({ code: "phase-failed" });
  expect(s.routes.filter((route) => route.startsWith("DELETE"))).toEqual([]);
});

test("rejects an invalid formation before the build", async () => {
  const scale = new Map([["clock", 1]]);
  const s = await scene({ force: true, plan: plan("build", "release", "schedule"), scale });
  await expect(s.deploy()).rejects.toMatchObject({ code: "unknown-process-type", kind: "usage" });
  expect([s.events, s.routes]).toEqual([[], []]);
});

test.each<[what: string, overrides: Partial<DeployRequest>, timeout: string]>([
  ["no timeout", {}, ""],
  ["the timeout of oneoff.yaml", { app: appWith({ release: 60, predeploy: 5 }) }, "60"],
  ["no timeout if only other phases have one", { app: appWith({ predeploy: 5 }) }, ""],
  ["the timeout of the deploy before that of oneoff.yaml", { app: appWith({ release: 60 }), phaseTimeout: 7 }, "7"],
])("applies %s to a phase", async (_what, overrides, timeout) => {
  const s = await scene({ force: true, plan: plan("release"), ...overrides });
  const deploying = s.deploy();
  const { Labels } = await s.phase("sha256:i", 0);
  await deploying;
  expect(Labels["dev.oneoff.timeout"]).toBe(timeout);
});

test("discards a release that cannot be started", async () => {
  const s = await scene({ force: true });
  const image = { Id: "sha256:i", Architecture: "amd64", Os: "linux", Config: {}, RootFS: { Layers: ["sha256:l"] } };
  s.engine.on("GET /images/sha256:i/json", 200, image);
  s.engine.on("GET /images/sha256:i/history", 200, [{ Created: 0, CreatedBy: "RUN x", Comment: "", Size: 5 }]);
  s.engine.on("POST /images/load", 200, { stream: "Loaded image: oneoff/a:v8-unfinished\n" });
  s.engine.on("GET /images/oneoff/a:v8-unfinished/json", 200, { Id: "sha256:r8" });
  s.engine.on("POST /images/sha256:r8/tag", 201);
  s.engine.on("GET /images/sha256:r8/json", 500, { message: "disk on fire" });
  s.engine.on("POST /images/sha256:r8/tag", 201);
  s.engine.on("DELETE /images/oneoff/a:v8", 200, []);
  s.engine.on("DELETE /images/oneoff/a:v8-unfinished", 200, []);
  await expect(s.deploy()).rejects.toThrow("disk on fire");
  expect(s.routes.slice(-7)).toEqual([
    "POST /images/sha256:r8/tag",
    "DELETE /images/oneoff/a:v8",
    "DELETE /images/oneoff/a:v8-unfinished",
    ...TEMPORARY_TAGS,
  ]);
});

describe("hasSameContent", () => {
  const env = { A: "1" };
  test.each<[string, Partial<typeof files>]>([
    ["the same files", {}],
    ["other paths of files", { searchedPaths: { procfile: "else", appJson: "else" } }],
    ["another env in app.json", { appJson: appJson({ env }) }],
  ])("accepts %s", (_what, changes) => expect(hasSameContent(live, "sha256:i", { ...files, ...changes })).toBe(true));

  test.each<[string, string, Partial<typeof files>]>([
    ["another image", "sha256:j", {}],
    ["another command", "sha256:i", { procfile: new Map([["web", "./other"]]) }],
    ["another process type", "sha256:i", { procfile: new Map([...files.procfile, ["worker", "./work"]]) }],
    ["a missing Procfile", "sha256:i", { procfile: new Map() }],
    ["a new phase", "sha256:i", { appJson: appJson({ scripts: { dokku: { predeploy: "x" } } }) }],
    ["a new formation", "sha256:i", { appJson: appJson({ formation: { web: { quantity: 2 } } }) }],
    ["a new check", "sha256:i", { appJson: appJson({ healthchecks: { web: [{ type: "startup", path: "/" }] } }) }],
  ])("rejects %s", (_what, base, changes) => expect(hasSameContent(live, base, { ...files, ...changes })).toBe(false));
});
