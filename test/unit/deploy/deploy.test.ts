import { describe, expect, onTestFinished, test } from "vitest";
import type { AppSettings } from "../../../src/app/app.ts";
import { parseAppJson } from "../../../src/app/app-json.ts";
import { type DeployRequest, deploy } from "../../../src/deploy/deploy.ts";
import { STEPS, type Step, type StepName } from "../../../src/deploy/plan.ts";
import { processBody } from "../../../src/deploy/rollout/process-spec.ts";
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

/** Only these steps; the phases run `./phase`. */
const plan = (...names: StepName[]): Step[] =>
  STEPS.map((name) =>
    names.includes(name)
      ? { name, ...(!["build", "schedule"].includes(name) && { command: "./phase" }) }
      : { name, skipped: "not now" },
  );

/** What is made on the way, and removed whatever happens. */
const DRAFTS = ["draft", "predeploy", "built", "loaded"].map((tag) => `DELETE /images/oneoff/a:oneoff-${tag}`);

async function scene(wish: Partial<DeployRequest> = {}) {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  onTestFinished(() => transport[Symbol.asyncDispose]());
  for (const draft of DRAFTS) engine.always(draft, 404, { message: "No such image" });
  const events: Event[] = [];
  const context = {
    ...{ engine: transport, terminal: fakeTerminal(), report: (event: Event) => events.push(event) },
    ...{ random: () => 0, owner: { self: "me", isAlive: () => true }, monotonic: () => 100 },
    signal: new AbortController().signal,
  };
  const request: DeployRequest = {
    ...{ app: { name: "a", env: new Map(), settings: {} }, plan: plan("schedule"), number: 8, files },
    ...{ source: undefined, imageId: "sha256:i", current: live, scale: new Map(), phaseTimeout: undefined },
    ...{ keepReleases: 5, isFirst: false, force: false, ...wish },
  };
  return {
    engine,
    events,
    deploy: () => deploy(context, request),
    get routes() {
      return engine.requests.map(({ method, path }) => `${method} ${path}`);
    },
    /** A phase that is run, in this image, and ends with this code. */
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
    /** One web of what is live. */
    runs() {
      const { Labels } = processBody(request.app, live, { type: "web", index: 1, port: "5000", displaces: false });
      engine.on("GET /containers/json", 200, [{ ...ofOneoff("a", "web", 1, { Id: "w" }), Labels }]);
      engine.on("GET /images/sha256:r7/json", 200, { Id: "sha256:r7", Config: { Env: [] } });
      engine.on("GET /containers/w/json", 200, details({ Env: ["DYNO=web.1", "PORT=5000"] }));
    },
  };
}

describe("what is live already", () => {
  test("is not deployed once more", async () => {
    const s = await scene();
    s.runs();
    expect(await s.deploy()).toBeUndefined();
    expect(s.events).toEqual([
      { type: "step-skipped", step: "build", reason: "not now" },
      { type: "unchanged", app: "a", release: 7, image: "oneoff/a:v7" },
    ]);
  });

  test("but has yet to do what is done once in its life", async () => {
    const files = { procfile: live.procfile, appJson: appJson({ scripts: { postdeploy: "seed" } }), searchedPaths };
    const current = { ...live, appJson: files.appJson };
    const s = await scene({ isFirst: true, files, current, plan: plan("first-postdeploy") });
    const deploying = s.deploy().catch((error: unknown) => error);
    expect((await s.phase("sha256:r7", 3)).Image).toBe("sha256:r7");
    expect(await deploying).toMatchObject({ code: "phase-failed", phase: "first-postdeploy" });
    expect(s.events).toContainEqual({
      type: "warning",
      message:
        "v7 is live; the next deploy runs the first-postdeploy phase again, as does: oneoff deploy --from first-postdeploy a …",
    });
    // Without its mark it is tried again.
    expect(s.routes.filter((route) => /images\/load|tag|commit/.test(route))).toEqual([]);
  });
});

describe("a postdeploy without a schedule", () => {
  test("runs in what is live", async () => {
    const s = await scene({ force: true, plan: plan("postdeploy") });
    // Nothing is left to be done now.
    const finished = s.engine.on("GET /images/json", 200, []);
    const deploying = s.deploy();
    const { Image, Labels } = await s.phase("sha256:r7", 0);
    await finished;
    expect([Image, Labels["dev.oneoff.release"]]).toEqual(["sha256:r7", "8"]);
    expect(await deploying).toBeUndefined();
    expect(s.events.at(-1)).toEqual({ type: "step-skipped", step: "first-postdeploy", reason: "not now" });
  });

  test("runs in the image itself where nothing is live", async () => {
    const s = await scene({ current: undefined, plan: plan("postdeploy") });
    const deploying = s.deploy().catch((error: unknown) => error);
    expect((await s.phase("sha256:i", 3)).Image).toBe("sha256:i");
    expect(await deploying).toMatchObject({ code: "phase-failed", message: expect.not.stringContaining("is live") });
  });
});

test("a phase that fails is the last thing that is done", async () => {
  const s = await scene({ force: true, plan: plan("release", "schedule", "postdeploy") });
  const deploying = s.deploy().catch((error: unknown) => error);
  await s.phase("sha256:i", 3);
  expect(await deploying).toMatchObject({ code: "phase-failed", phase: "release", exitCode: 3 });
  expect(s.events.slice(-2)).toEqual([
    { type: "step-failed", step: "release", seconds: 0 },
    { type: "deploy-failed", app: "a", liveRelease: 7, changed: false },
  ]);
  expect(s.routes.slice(-4)).toEqual(DRAFTS);
});

test("what cannot run is not even built", async () => {
  const scale = new Map([["clock", 1]]);
  const s = await scene({ force: true, plan: plan("build", "release", "schedule"), scale });
  await expect(s.deploy()).rejects.toMatchObject({ code: "unknown-process-type", kind: "usage" });
  expect([s.events, s.routes]).toEqual([[], []]);
});

test.each<[what: string, wish: Partial<DeployRequest>, timeout: string]>([
  ["as long as it likes", {}, ""],
  ["as long as oneoff.yaml lets it", { app: appWith({ release: 60, predeploy: 5 }) }, "60"],
  ["as long as it likes where only others are told", { app: appWith({ predeploy: 5 }) }, ""],
  ["as long as the deploy was told, before all", { app: appWith({ release: 60 }), phaseTimeout: 7 }, "7"],
])("a phase may take %s", async (_what, wish, timeout) => {
  const s = await scene({ force: true, plan: plan("release"), ...wish });
  const deploying = s.deploy();
  const { Labels } = await s.phase("sha256:i", 0);
  await deploying;
  expect(Labels["dev.oneoff.timeout"]).toBe(timeout);
});

test("what cannot be scheduled is no release, and what is live stays that", async () => {
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
    ...DRAFTS,
  ]);
});

describe("a release is the same as what is to be deployed", () => {
  const env = { A: "1" };
  test.each<[string, Partial<typeof files>]>([
    ["with the same files", {}],
    ["wherever they are", { searchedPaths: { procfile: "else", appJson: "else" } }],
    ["whatever app.json's env says, which its processes have", { appJson: appJson({ env }) }],
  ])("%s", (_what, other) => expect(hasSameContent(live, "sha256:i", { ...files, ...other })).toBe(true));

  test.each<[string, string, Partial<typeof files>]>([
    ["with another image", "sha256:j", {}],
    ["with another command", "sha256:i", { procfile: new Map([["web", "./other"]]) }],
    ["with one more type", "sha256:i", { procfile: new Map([...files.procfile, ["worker", "./work"]]) }],
    ["without a Procfile", "sha256:i", { procfile: new Map() }],
    ["with a phase", "sha256:i", { appJson: appJson({ scripts: { dokku: { predeploy: "x" } } }) }],
    ["with a formation", "sha256:i", { appJson: appJson({ formation: { web: { quantity: 2 } } }) }],
    ["with a check", "sha256:i", { appJson: appJson({ healthchecks: { web: [{ type: "startup", path: "/" }] } }) }],
  ])("but not %s", (_what, base, other) => expect(hasSameContent(live, base, { ...files, ...other })).toBe(false));
});
