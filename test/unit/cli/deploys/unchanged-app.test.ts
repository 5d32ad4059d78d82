import { expect, test } from "vitest";
import { parseAppJson } from "../../../../src/app/app-json.ts";
import { cli } from "../../../../src/cli/program.ts";
import { processBody } from "../../../../src/deploy/rollout/process-spec.ts";
import { releaseLabels } from "../../../../src/release/release-labels.ts";
import { details, ofOneoff } from "../../../support/deployed.ts";
import { fakeContext } from "../../../support/fake-context.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { fakeTerminal } from "../../../support/fake-terminal.ts";
import { folder } from "../../../support/folder.ts";

const app = { name: "a", env: new Map([["LEVEL", "info"]]), settings: {} };
const release = {
  ...{ app: "a", number: 7, image: "oneoff/a:v7", imageId: "sha256:r7", base: "sha256:i", created: "" },
  ...{ procfile: new Map([["web", "./web"]]), appJson: parseAppJson(Buffer.from("{}")) },
};
const MANIFEST = "app: a\nimage: shop:1\nprocfile: {web: ./web}\napp-json: app.json\nenv: {LEVEL: info}\n";

interface Options {
  readonly manifest?: string;
  readonly appJson?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  readonly env?: readonly string[];
  /** The status of the inspect of the process. */
  readonly status?: number;
}

/** Deploys an app that runs one web. */
async function deployed({ manifest = MANIFEST, appJson = "{}", labels = {}, tags = [], env, status }: Options = {}) {
  await using place = await folder({ "oneoff.yaml": manifest, "app.json": appJson });
  const engine = await fakeEngine();
  const plan = { type: "web", index: 1, port: "5000", displaces: false };
  const { Labels, Env } = processBody(app, release, plan);
  const Names = ["latest", "v7", ...tags].map((tag) => `oneoff/a:${tag}`);
  engine.always("GET /images/shop:1/json", 200, { Id: "sha256:i", Config: {} });
  engine.always("GET /images/json", 200, [
    { Id: "sha256:r7", Created: 0, RepoTags: Names, Labels: { ...releaseLabels(release), ...labels } },
  ]);
  const web = { ...ofOneoff("a", "web", 1, { Id: "w", ImageID: "sha256:r7" }), Labels };
  engine.always("GET /containers/json", 200, [web]);
  const inspected = status === 404 ? { message: "No such container" } : details({ Env: env ?? Env });
  engine.always("GET /containers/w/json", status ?? 200, inspected);
  engine.always("GET /info", 200, { ID: "here" });
  // The lock: a deploy that takes it ends here.
  engine.always("POST /containers/create", 500, { message: "locked" });
  const terminal = fakeTerminal();
  const context = fakeContext({ cwd: place.path, engine, terminal });
  const code = await cli(["deploy"], context);
  return { code, output: terminal.err, requests: engine.requests.map(({ method, path }) => `${method} ${path}`) };
}

const LOOK = ["GET /images/shop:1/json", "GET /containers/json", "GET /images/json"];
const INSPECT = "GET /containers/w/json";

test("an unchanged deploy sends three requests and one for each process, and takes no lock", async () => {
  const { code, output, requests } = await deployed();
  expect([code, output]).toEqual([0, expect.stringContaining("No changes: a v7 is already live")]);
  expect(requests).toEqual([...LOOK, INSPECT]);
});

test("reads the engine's ID for an app whose first-postdeploy has succeeded", async () => {
  const labels = { "dev.oneoff.release.postdeployed": "here" };
  expect((await deployed({ labels })).requests).toEqual([...LOOK, "GET /info", INSPECT]);
});

test.each<[string, Options]>([
  ["another image", { labels: { "dev.oneoff.release.base": "sha256:j" } }],
  ["another command", { manifest: MANIFEST.replace("./web", "./other") }],
  ["another setting", { manifest: `${MANIFEST}workdir: /srv\n` }],
  ["another variable", { env: ["PORT=5000", "DYNO=web.1", "LEVEL=debug"] }],
  ["a variable of app.json that is not stored", { appJson: '{"env": {"KEY": {"generator": "secret"}}}' }],
  ["a first-postdeploy that has not succeeded", { appJson: '{"scripts": {"postdeploy": "seed"}}' }],
  ["an unfinished deploy", { tags: ["v7-unfinished"] }],
  ["a process that is being removed", { status: 404 }],
])("takes the lock for %s", async (_what, options) => {
  const { code, requests } = await deployed(options);
  expect(code).toBe(1);
  expect(requests).toContain("POST /containers/create");
});
