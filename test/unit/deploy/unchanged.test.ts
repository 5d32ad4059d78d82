import { expect, test } from "vitest";
import { parseAppJson } from "../../../src/app/app-json.ts";
import type { ProcessGroup } from "../../../src/deploy/schedule/formation.ts";
import { runsAlready } from "../../../src/deploy/unchanged.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { details, ofOneoff } from "../../support/deployed.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

const release = {
  ...{ app: "a", number: 7, image: "oneoff/a:v7", imageId: "sha256:r", created: "" },
  ...{ procfile: new Map(), appJson: parseAppJson(Buffer.from("{}")) },
};

interface Wish {
  /** What runs, by default one web of the release. */
  readonly running?: readonly { type?: string; index?: number; release?: string; state?: string; env?: string[] }[];
  readonly groups?: readonly ProcessGroup[];
  readonly env?: Readonly<Record<string, string>>;
  readonly imageEnv?: string[];
}

/** @param looks whether what runs is looked at more closely. */
async function ask(
  { running = [{}], groups = [{ type: "web", quantity: 1 }], env = {}, imageEnv }: Wish,
  looks: boolean,
) {
  const engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const containers = running.map(({ type = "web", index = 1, release: number = "7", state = "running" }, at) => {
    const container = ofOneoff("a", type, index, { Id: `c${at}`, State: state });
    return { ...container, Labels: { ...container.Labels, "dev.oneoff.release": number } };
  });
  engine.on("GET /containers/json", 200, containers);
  if (looks) {
    engine.on("GET /images/sha256:r/json", 200, { Id: "sha256:r", Config: { Env: imageEnv ?? ["PATH=/bin"] } });
    running.forEach(({ env: Env = ["PATH=/bin", "DYNO=web.1", "PORT=5000"] }, at) => {
      engine.on(`GET /containers/c${at}/json`, 200, details({ Env }));
    });
  }
  const app = { name: "a", env: new Map(Object.entries(env)), settings: {} };
  return await runsAlready(transport, app, release, groups);
}

test.each<[string, Wish]>([
  ["one web", {}],
  ["an app whose processes are all scaled to none", { running: [], groups: [{ type: "web", quantity: 0 }] }],
  [
    "the same variables, in another order",
    { env: { B: "2", A: "1" }, running: [{ env: ["A=1", "PORT=80", "B=2", "DYNO=web.1", "PATH=/bin"] }] },
  ],
  ["a variable with the image's own value", { env: { PATH: "/bin" } }],
  ["a PORT that the app sets", { env: { PORT: "80" }, running: [{ env: ["PORT=80", "PATH=/bin", "DYNO=web.1"] }] }],
])("is so for %s", async (_what, wish) => expect(await ask(wish, true)).toBe(true));

test.each<[string, Wish]>([
  ["another release runs", { running: [{ release: "6" }] }],
  ["one has ended", { running: [{ state: "exited" }] }],
  ["one is started again and again", { running: [{ state: "restarting" }] }],
  ["there are too few", { groups: [{ type: "web", quantity: 2 }] }],
  ["there are too many", { running: [{}, { index: 2 }] }],
  ["there is one of another type", { running: [{}, { type: "worker" }] }],
  ["there are as many, but of another type", { running: [{ type: "worker" }] }],
  ["nothing runs", { running: [] }],
])("is not so where %s", async (_what, wish) => expect(await ask(wish, false)).toBe(false));

test.each<[string, Wish]>([
  ["has another value", { env: { A: "new" }, running: [{ env: ["A=old", "PATH=/bin"] }] }],
  ["is new", { env: { A: "1" }, running: [{ env: ["PATH=/bin"] }] }],
  ["is gone", { running: [{ env: ["A=1", "PATH=/bin"] }] }],
  ["is the image's own again", { running: [{ env: ["PATH=/mine"] }] }],
])("is not so where a variable %s", async (_what, wish) => expect(await ask(wish, true)).toBe(false));

test("only processes of the app are looked at", async () => {
  const engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /containers/json", 200, []);
  await runsAlready(transport, { name: "a", env: new Map(), settings: {} }, release, [{ type: "web", quantity: 1 }]);
  expect(engine.requests[0]?.query.filters).toBe('{"label":["dev.oneoff.app=a","dev.oneoff.kind=process"]}');
});
