import { expect, test } from "vitest";
import type { AppSettings } from "../../../src/app/app.ts";
import { parseAppJson } from "../../../src/app/app-json.ts";
import type { ProcessGroup } from "../../../src/deploy/rollout/formation.ts";
import { processBody } from "../../../src/deploy/rollout/process-spec.ts";
import { runsAsPlanned } from "../../../src/deploy/unchanged.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { details, ofOneoff } from "../../support/deployed.ts";
import { fakeEngine } from "../../support/fake-engine.ts";
import { memoryCache } from "../../support/memory-cache.ts";

const release = {
  ...{ app: "a", number: 7, image: "oneoff/a:v7", imageId: "sha256:r", created: "" },
  ...{ procfile: new Map(), appJson: parseAppJson(Buffer.from("{}")) },
};

const SETTINGS: AppSettings = { networks: ["net"], binds: ["data:/data"] };

interface Options {
  /** The running processes; by default one web of the release with current settings. */
  readonly running?: readonly {
    type?: string;
    index?: number;
    number?: number;
    state?: string;
    env?: string[];
    settings?: AppSettings;
    /** Created by an older version of oneoff, without a settings label. */
    isUnmarked?: boolean;
  }[];
  readonly groups?: readonly ProcessGroup[];
  readonly env?: Readonly<Record<string, string>>;
  readonly imageEnv?: string[];
}

/** @param isInspected whether the processes are inspected. */
async function check(
  { running = [{}], groups = [{ type: "web", quantity: 1 }], env = {}, imageEnv = ["PATH=/bin"] }: Options,
  isInspected: boolean,
) {
  const engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const app = { name: "a", env: new Map(Object.entries(env)) };
  const containers = running.map((one, at) => {
    const { type = "web", index = 1, number = 7, state = "running", settings = SETTINGS, isUnmarked } = one;
    const plan = { type, index, port: "5000", displaces: one.number === undefined && at === 0 };
    const { Labels } = processBody({ ...app, settings }, { ...release, number }, plan);
    const { "dev.oneoff.settings": digest = "", ...unmarked } = Labels;
    return {
      ...ofOneoff("a", type, index, { Id: `c${at}`, State: state }),
      Labels: isUnmarked ? unmarked : { ...unmarked, "dev.oneoff.settings": digest },
    };
  });
  engine.on("GET /containers/json", 200, containers);
  engine.on("GET /images/sha256:r/json", 200, { Id: "sha256:r", Config: { Env: imageEnv } });
  if (isInspected) {
    running.forEach(({ type = "web", index = 1, env: Env = ["PATH=/bin", "PORT=5000"] }, at) => {
      engine.on(`GET /containers/c${at}/json`, 200, details({ Env: [...Env, `DYNO=${type}.${index}`] }));
    });
  }
  const isUnchanged = await runsAsPlanned(
    { engine: transport, cache: memoryCache() },
    { ...app, settings: SETTINGS },
    release,
    groups,
  );
  engine.verify();
  return isUnchanged;
}

test.each<[string, Options]>([
  ["one web", {}],
  ["an app with all quantities 0", { running: [], groups: [{ type: "web", quantity: 0 }] }],
  ["several processes in any order", { running: [{ index: 2 }, {}], groups: [{ type: "web", quantity: 2 }] }],
  [
    "variables in another order",
    { env: { B: "2", A: "1" }, running: [{ env: ["A=1", "PORT=5000", "B=2", "PATH=/bin"] }] },
  ],
  ["a variable with the image's own value", { env: { PATH: "/bin" } }],
  ["a PORT that the app sets", { env: { PORT: "80" }, running: [{ env: ["PORT=80", "PATH=/bin"] }] }],
  ["a PORT that the image sets", { imageEnv: ["PATH=/bin", "PORT=80"], running: [{ env: ["PORT=80", "PATH=/bin"] }] }],
])("detects no change for %s", async (_what, options) => expect(await check(options, true)).toBe(true));

test.each<[string, Options]>([
  ["another release runs", { running: [{ number: 6 }] }],
  ["a process has exited", { running: [{ state: "exited" }] }],
  ["a process restarts repeatedly", { running: [{ state: "restarting" }] }],
  ["a process is missing", { groups: [{ type: "web", quantity: 2 }] }],
  ["there is an extra process", { running: [{}, { index: 2 }] }],
  ["there is an extra type", { running: [{}, { type: "worker" }] }],
  ["the type differs", { running: [{ type: "worker" }] }],
  ["two processes have one name", { running: [{}, {}], groups: [{ type: "web", quantity: 2 }] }],
  ["no process is running", { running: [] }],
  ["the size differs", { groups: [{ type: "web", quantity: 1, size: "L" }] }],
  ["the settings differ", { running: [{ settings: { ...SETTINGS, user: "app" } }] }],
  ["the settings are unknown", { running: [{ isUnmarked: true }] }],
])("detects that %s", async (_what, options) => expect(await check(options, false)).toBe(false));

test.each<[string, Options]>([
  ["has another value", { env: { A: "new" }, running: [{ env: ["A=old", "PATH=/bin", "PORT=5000"] }] }],
  ["is new", { env: { A: "1" } }],
  ["was removed", { running: [{ env: ["A=1", "PATH=/bin", "PORT=5000"] }] }],
  ["has the value of the image again", { running: [{ env: ["PATH=/mine", "PORT=5000"] }] }],
  ["is PORT", { env: { PORT: "80" } }],
])("detects that a variable %s", async (_what, options) => expect(await check(options, true)).toBe(false));

test("lists processes of the app only", async () => {
  const engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /containers/json", 200, []);
  engine.on("GET /images/sha256:r/json", 200, { Id: "sha256:r" });
  await runsAsPlanned(
    { engine: transport, cache: memoryCache() },
    { name: "a", env: new Map(), settings: {} },
    release,
    [{ type: "web", quantity: 1 }],
  );
  expect(engine.requests.find(({ path }) => path === "/containers/json")?.query.filters).toBe(
    '{"label":["dev.oneoff.app=a","dev.oneoff.kind=process"]}',
  );
});

test("sends no request for known processes, and reads the PORT that their image sets", async () => {
  const engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const app = { name: "a", env: new Map([["A", "1"]]), settings: SETTINGS };
  const { Labels } = processBody(app, release, { type: "web", index: 1, port: "80", displaces: false });
  const processes = [{ ...ofOneoff("a", "web", 1, { Id: "c" }), Labels }];
  const cache = memoryCache();
  const look = (env: ReadonlyMap<string, string>) =>
    runsAsPlanned({ engine: transport, cache }, { ...app, env }, release, [{ type: "web", quantity: 1 }], {
      processes,
    });
  engine.always("GET /images/sha256:r/json", 200, { Id: "sha256:r", Config: { Env: ["PORT=80"] } });
  engine.always("GET /containers/c/json", 200, details({ Env: ["PORT=80", "A=1", "DYNO=web.1"] }));
  expect([await look(app.env), engine.lines.length]).toEqual([true, 2]);
  expect([await look(app.env), engine.lines.length]).toEqual([true, 2]);
  expect([await look(new Map([["A", "2"]])), engine.lines.length]).toEqual([false, 4]);
});
