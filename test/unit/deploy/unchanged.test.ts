import { expect, test } from "vitest";
import type { AppSettings } from "../../../src/app/app.ts";
import { parseAppJson } from "../../../src/app/app-json.ts";
import type { ProcessGroup } from "../../../src/deploy/rollout/formation.ts";
import { processBody } from "../../../src/deploy/rollout/process-spec.ts";
import { runsAsPlanned } from "../../../src/deploy/unchanged.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { details, ofOneoff } from "../../support/deployed.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

const release = {
  ...{ app: "a", number: 7, image: "oneoff/a:v7", imageId: "sha256:r", created: "" },
  ...{ procfile: new Map(), appJson: parseAppJson(Buffer.from("{}")) },
};

const SETTINGS: AppSettings = { networks: ["net"], binds: ["data:/data"] };

interface Wish {
  /** What runs, by default one web of the release; created as the app was set then. */
  readonly running?: readonly {
    type?: string;
    index?: number;
    number?: number;
    state?: string;
    env?: string[];
    settings?: AppSettings;
    /** Of one that a former oneoff has created. */
    isUnmarked?: boolean;
  }[];
  readonly groups?: readonly ProcessGroup[];
  readonly env?: Readonly<Record<string, string>>;
  readonly imageEnv?: string[];
}

/** @param looks whether what runs is looked at more closely. */
async function ask(
  { running = [{}], groups = [{ type: "web", quantity: 1 }], env = {}, imageEnv = ["PATH=/bin"] }: Wish,
  looks: boolean,
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
  if (looks) {
    running.forEach(({ type = "web", index = 1, env: Env = ["PATH=/bin", "PORT=5000"] }, at) => {
      engine.on(`GET /containers/c${at}/json`, 200, details({ Env: [...Env, `DYNO=${type}.${index}`] }));
    });
  }
  const is = await runsAsPlanned(transport, { ...app, settings: SETTINGS }, release, groups);
  engine.verify();
  return is;
}

test.each<[string, Wish]>([
  ["one web", {}],
  ["an app whose processes are all scaled to none", { running: [], groups: [{ type: "web", quantity: 0 }] }],
  ["several, in any order", { running: [{ index: 2 }, {}], groups: [{ type: "web", quantity: 2 }] }],
  [
    "the same variables, in another order",
    { env: { B: "2", A: "1" }, running: [{ env: ["A=1", "PORT=5000", "B=2", "PATH=/bin"] }] },
  ],
  ["a variable with the image's own value", { env: { PATH: "/bin" } }],
  ["a PORT that the app sets", { env: { PORT: "80" }, running: [{ env: ["PORT=80", "PATH=/bin"] }] }],
  ["a PORT that the image sets", { imageEnv: ["PATH=/bin", "PORT=80"], running: [{ env: ["PORT=80", "PATH=/bin"] }] }],
])("is so for %s", async (_what, wish) => expect(await ask(wish, true)).toBe(true));

test.each<[string, Wish]>([
  ["another release runs", { running: [{ number: 6 }] }],
  ["one has ended", { running: [{ state: "exited" }] }],
  ["one is started again and again", { running: [{ state: "restarting" }] }],
  ["there are too few", { groups: [{ type: "web", quantity: 2 }] }],
  ["there are too many", { running: [{}, { index: 2 }] }],
  ["there is one of another type", { running: [{}, { type: "worker" }] }],
  ["there are as many, but of another type", { running: [{ type: "worker" }] }],
  ["there are as many, but two for one place", { running: [{}, {}], groups: [{ type: "web", quantity: 2 }] }],
  ["nothing runs", { running: [] }],
  ["it has another size", { groups: [{ type: "web", quantity: 1, size: "L" }] }],
  ["it was set otherwise", { running: [{ settings: { ...SETTINGS, user: "app" } }] }],
  ["nobody can tell how it was set", { running: [{ isUnmarked: true }] }],
])("is not so where %s", async (_what, wish) => expect(await ask(wish, false)).toBe(false));

test.each<[string, Wish]>([
  ["has another value", { env: { A: "new" }, running: [{ env: ["A=old", "PATH=/bin", "PORT=5000"] }] }],
  ["is new", { env: { A: "1" } }],
  ["is gone", { running: [{ env: ["A=1", "PATH=/bin", "PORT=5000"] }] }],
  ["is the image's own again", { running: [{ env: ["PATH=/mine", "PORT=5000"] }] }],
  ["is PORT", { env: { PORT: "80" } }],
])("is not so where a variable %s", async (_what, wish) => expect(await ask(wish, true)).toBe(false));

test("only processes of the app are looked at", async () => {
  const engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /containers/json", 200, []);
  engine.on("GET /images/sha256:r/json", 200, { Id: "sha256:r" });
  await runsAsPlanned(transport, { name: "a", env: new Map(), settings: {} }, release, [{ type: "web", quantity: 1 }]);
  expect(engine.requests.find(({ path }) => path === "/containers/json")?.query.filters).toBe(
    '{"label":["dev.oneoff.app=a","dev.oneoff.kind=process"]}',
  );
});
