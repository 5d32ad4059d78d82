import { describe, expect, test } from "vitest";
import { parseAppJson } from "../../../../src/app/app-json.ts";
import type { Context } from "../../../../src/cli/context.ts";
import { cli } from "../../../../src/cli/program.ts";
import { processBody } from "../../../../src/deploy/rollout/process-spec.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { releaseLabels } from "../../../../src/release/release-labels.ts";
import { alwaysLists, details, listed, ofOneoff } from "../../../support/deployed.ts";
import { fakeContext, NOW } from "../../../support/fake-context.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { type FakeTerminal, fakeTerminal } from "../../../support/fake-terminal.ts";
import { folder } from "../../../support/folder.ts";
import { memoryCache } from "../../../support/memory-cache.ts";

const app = { name: "a", env: new Map([["LEVEL", "info"]]), settings: {} };
const release = {
  ...{ app: "a", number: 7, image: "oneoff/a:v7", imageId: "sha256:r7", base: "sha256:i", created: "" },
  ...{ procfile: new Map([["web", "./web"]]), appJson: parseAppJson(Buffer.from("{}")) },
};
const REST = "procfile: {web: ./web}\napp-json: app.json\nenv: {LEVEL: info}\n";
const MANIFEST = `app: a\nimage: shop:1\n${REST}`;
const BUILD = `app: a\nbuild: .\n${REST}`;

interface Options {
  readonly manifest?: string;
  readonly appJson?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  readonly env?: readonly string[];
  /** The status of the inspect of the process. */
  readonly status?: number;
  readonly args?: readonly string[];
  /** The ID of the image that a build makes, or its error. */
  readonly built?: string | { readonly error: string };
  /** Tags of all other images of the engine. */
  readonly bases?: readonly string[];
  readonly containers?: readonly ContainerSummary[];
  /** Whether the lock can be acquired; else the deploy that requests it ends there. */
  readonly isFree?: boolean;
  /** The answer to a tag for the built image. */
  readonly tagged?: number;
  readonly cache?: Context["cache"];
}

type OnBuild = (terminal: FakeTerminal, containers: ContainerSummary[]) => void;

/** Deploys an app that runs one web. @param onBuild called during the first build. */
async function deployed(options: Options = {}, onBuild: OnBuild = () => {}) {
  const { manifest = MANIFEST, appJson = "{}", labels = {}, tags = [], env, status, args = [] } = options;
  const { built = "sha256:i", bases = ["base:1"], containers = [], isFree = false, tagged = 201, cache } = options;
  const files = { "oneoff.yaml": manifest, "app.json": appJson, Dockerfile: "FROM base:1\n" };
  await using place = await folder(files);
  const engine = await fakeEngine({ time: NOW / 1000 });
  const plan = { type: "web", index: 1, port: "5000", displaces: false };
  const { Labels, Env } = processBody(app, release, plan);
  const live = { Id: "sha256:r7", Created: 0, Labels: { ...releaseLabels(release), ...labels } };
  engine.always("GET /images/shop:1/json", 200, { Id: "sha256:i", Config: {} });
  if (bases.includes("base:1")) engine.always("GET /images/base:1/json", 200, { Id: "sha256:b" });
  engine.always("GET /images/sha256:r7/json", 200, { Id: "sha256:r7", Config: {} });
  const RepoTags = ["latest", "v7", ...tags].map((tag) => `oneoff/a:${tag}`);
  engine.always("GET /images/oneoff/a:latest/json", 200, { Id: live.Id, RepoTags, Config: { Labels: live.Labels } });
  engine.always("GET /images/json", 200, [
    { ...live, RepoTags },
    { Id: "sha256:b", Created: 0, RepoTags: bases },
  ]);
  const web = { ...ofOneoff("a", "web", 1, { Id: "w", ImageID: "sha256:r7" }), Labels };
  const listedContainers = [web, ...containers];
  alwaysLists(engine, listedContainers);
  const inspected = status === 404 ? { message: "No such container" } : details({ Env: env ?? Env });
  engine.always("GET /containers/w/json", status ?? 200, inspected);
  engine.always("GET /info", 200, { ID: "here" });
  engine.always("POST /containers/create", isFree ? 201 : 500, isFree ? { Id: "l" } : { message: "locked" });
  engine.always("GET /containers/l/json", 200, details());
  engine.always("DELETE /containers/l", 204);
  engine.always("POST /images/sha256:j/tag", tagged, tagged === 404 ? { message: "No such image" } : undefined);
  for (const tag of ["draft", "predeploy", "built", "loaded", "built-1363189089-token"]) {
    engine.always(`DELETE /images/oneoff/a:oneoff-${tag}`, 200, []);
  }
  const terminal = fakeTerminal();
  const answer = typeof built === "string" ? { id: "moby.image.id", aux: { ID: built } } : built;
  void engine.whenever("POST /build").then((exchange) => {
    onBuild(terminal, listedContainers);
    exchange.reply(200, JSON.stringify(answer));
  });
  engine.always("POST /build", 200, JSON.stringify(answer));
  const context = { ...fakeContext({ cwd: place.path, engine, terminal }), ...(cache && { cache }) };
  const code = await cli(["deploy", ...args], context);
  const requests = engine.requests.map(({ method, path }) => `${method} ${path}`);
  return { code, output: terminal.err, events: terminal.out, requests, all: engine.requests };
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

const OF_APP = { "dev.oneoff.app": "a" };

const CHANGES: [string, Options][] = [
  ["another command", { manifest: MANIFEST.replace("./web", "./other") }],
  ["another setting", { manifest: `${MANIFEST}workdir: /srv\n` }],
  ["another variable", { env: ["PORT=5000", "DYNO=web.1", "LEVEL=debug"] }],
  ["a variable of app.json that is not stored", { appJson: '{"env": {"KEY": {"generator": "secret"}}}' }],
  ["a first-postdeploy that has not succeeded", { appJson: '{"scripts": {"postdeploy": "seed"}}' }],
  ["an unfinished deploy", { tags: ["v7-unfinished"] }],
  ["a build of a deploy that was killed", { tags: ["oneoff-built-1363180000-0f3c"] }],
  ["a deploy in progress", { containers: [listed("a.deploy.1f", { ...OF_APP, "dev.oneoff.kind": "deploy" })] }],
  ["a process that is being removed", { status: 404 }],
  ["--force", { args: ["--force"] }],
  ["--only", { args: ["--only", "schedule"] }],
];

test.each<[string, Options]>([["another image", { labels: { "dev.oneoff.release.base": "sha256:j" } }], ...CHANGES])(
  "takes the lock for %s",
  async (_what, options) => {
    const { code, requests } = await deployed(options);
    expect(code).toBe(1);
    expect(requests).toContain("POST /containers/create");
  },
);

describe("an app that is built", () => {
  const CONTAINERS = "GET /containers/json";
  const LISTS = [CONTAINERS, "GET /images/json"];
  const IMAGE = "GET /images/sha256:r7/json";
  const REMOVE = "DELETE /images/oneoff/a:oneoff-built-1363189089-token";
  const SAME = [...LISTS, IMAGE, INSPECT, "POST /build", CONTAINERS, REMOVE];
  const LOCK = ["GET /services", "GET /images/json", "POST /containers/create"];
  const builds = (requests: readonly string[]) => requests.filter((one) => one === "POST /build").length;

  test("builds without the lock if all else is unchanged, and remembers the variables of its processes", async () => {
    const cache = memoryCache();
    const first = await deployed({ manifest: BUILD, cache });
    expect([first.code, first.output]).toEqual([0, expect.stringContaining("No changes: a v7 is already live")]);
    expect(first.requests).toEqual(SAME);
    expect(first.all[1]?.query.filters).toBe('{"reference":["oneoff/a","base:1"]}');
    const second = await deployed({ manifest: BUILD, cache });
    expect([second.code, second.output, second.requests]).toEqual([
      0,
      first.output,
      SAME.filter((one) => ![IMAGE, INSPECT].includes(one)),
    ]);
    const changed = BUILD.replace("info", "debug");
    expect((await deployed({ manifest: changed, cache })).requests).toContain("POST /containers/create");
  });

  test("looks for a base image that the list of images does not have", async () => {
    const { code, output, requests } = await deployed({ manifest: BUILD, bases: ["base:2"] });
    expect(requests).toContain("GET /images/base:1/json");
    expect([code, output, builds(requests)]).toEqual([1, expect.stringContaining("base:1"), 0]);
  });

  test.each<[string, Options]>([...CHANGES, ["--no-cache", { args: ["--no-cache"] }]])(
    "takes the lock before the build for %s",
    async (_what, { manifest = MANIFEST, ...options }) => {
      const { code, requests } = await deployed({
        ...options,
        manifest: manifest.replace("image: shop:1", "build: ."),
      });
      expect([code, builds(requests)]).toEqual([1, 0]);
      expect(requests).toContain("POST /containers/create");
    },
  );

  test("takes the lock for a changed image, and removes the image if the lock is held", async () => {
    const { code, output, requests } = await deployed({ manifest: BUILD, built: "sha256:j" });
    expect([code, output]).toEqual([1, expect.stringContaining("locked")]);
    expect(requests).toEqual([...SAME.slice(0, 5), ...LOCK, REMOVE]);
  });

  test.each<[string, OnBuild]>([
    [
      "another deploy has started",
      (_, all) => all.push(listed("a.deploy.1f", { ...OF_APP, "dev.oneoff.kind": "deploy" })),
    ],
    ["another deploy has replaced the process", (_, all) => Object.assign(all[0] ?? {}, { Id: "w2" })],
  ])("takes the lock if %s during the build", async (_what, onBuild) => {
    const { code, requests } = await deployed({ manifest: BUILD }, onBuild);
    expect([code, requests]).toEqual([1, [...SAME.slice(0, 6), ...LOCK, REMOVE]]);
  });

  test("deploys the image that it has built, and reports the plan once", async () => {
    const { events, all, requests } = await deployed({
      ...{ manifest: BUILD, built: "sha256:j", isFree: true },
      args: ["--json"],
    });
    expect(builds(requests)).toBe(1);
    const tag = all.find(({ path }) => path === "/images/sha256:j/tag");
    expect(tag?.query).toEqual({ repo: "oneoff/a", tag: "oneoff-built" });
    // The new release is recorded from this image, which the fake engine does not have.
    expect(requests).toContain("GET /images/sha256:j/json");
    const steps = events.match(/"type":"(?:plan|step-started|step-failed)"/g);
    expect(steps).toEqual(["plan", "step-started", "step-started", "step-failed"].map((type) => `"type":"${type}"`));
  });

  test("builds again under the lock if the image was removed meanwhile", async () => {
    const { requests } = await deployed({ manifest: BUILD, built: "sha256:j", isFree: true, tagged: 404 });
    expect(builds(requests)).toBe(2);
  });

  test("a failed build ends as it does under the lock", async () => {
    const failing: Options = { manifest: BUILD, built: { error: "RUN make failed" }, isFree: true };
    const early = await deployed(failing);
    const locked = await deployed({ ...failing, args: ["--force"] });
    expect([early.code, early.output]).toEqual([locked.code, locked.output]);
    expect(early.requests).toEqual([...SAME.slice(0, 5), REMOVE]);
    expect(locked.requests).toContain("POST /containers/create");
  });

  test("a signal ends the build, and removes its image", async () => {
    const { code, requests } = await deployed({ manifest: BUILD }, (terminal) => terminal.signal("SIGINT"));
    expect([code, requests]).toEqual([130, [...SAME.slice(0, 5), REMOVE]]);
  });
});
