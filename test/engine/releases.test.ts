import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { parseAppJson } from "../../src/app/app-json.ts";
import { parseProcfile } from "../../src/app/procfile.ts";
import { inspectImage } from "../../src/engine/images.ts";
import { loadImageWithConfig } from "../../src/engine/load-image-config.ts";
import { openTransport } from "../../src/engine/transport.ts";
import { NO_LABELS } from "../../src/identity/ownership.ts";
import { imageConfig } from "../../src/release/image-config.ts";
import { relabelByCommit } from "../../src/release/relabel-image.ts";
import {
  currentRelease,
  isFirstDeploy,
  listReleases,
  markPostdeployed,
  nextNumber,
  pruneReleases,
  recordRelease,
  setLatest,
} from "../../src/release/releases.ts";
import { buildImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { api, imageTags, socketOf } from "../support/docker-api.ts";

const host = inject("engineHost");
const engine = openTransport(() => ({ socketPath: socketOf(host), from: "--host" }));
const tags = (repository: string) => imageTags(host, repository);

/** An image with every field of Config, and steps with and without bytes and layers. */
const RICH = `FROM busybox:local
LABEL own="kept \\"quoted\\""
ENV A="x y" EMPTY=""
RUN echo hi >/hi
RUN true
WORKDIR /new/dir
USER app
EXPOSE 8080 53/udp
VOLUME /data
HEALTHCHECK --interval=5s --retries=2 CMD true
STOPSIGNAL SIGUSR1
SHELL ["/bin/sh","-ec"]
ONBUILD RUN exit 9
ENTRYPOINT ["/bin/env","--"]
CMD ["sh","-c","echo $A"]`;

/** An image without any command. */
const BARE = "FROM busybox:local\nRUN echo bare >/bare";

const PROCFILE = new Map([
  ["web", `sh -c 'echo "a b" \\ $PORT'`],
  ["2", "two\nlines\t\u2028"],
  ["1", "naïve 日本 \u{1f680}"],
  ["__proto__", "x"],
]);

const APP_JSON = parseAppJson(
  Buffer.from(
    JSON.stringify({
      scripts: { dokku: { predeploy: "touch 'a b'\n", postdeploy: 'echo "ü"' }, postdeploy: "bin/seed" },
      env: { SECRET: "not-in-a-label", OTHER: { generator: "secret" } },
      formation: { web: { quantity: 0, size: "L", max_parallel: 3 }, "9": {} },
      healthchecks: {
        web: [{ path: "/ok", httpHeaders: [{ name: "X", value: 'a"b' }], warn: true }, { command: ["x"] }],
      },
    }),
  ),
);

const CREATED = "2013-03-13T15:38:09.000Z";

const facts = (app: string, number: number, imageId: string, more: object = {}) => ({
  ...{
    app,
    number,
    imageId,
    base: imageId,
    created: CREATED,
    procfile: PROCFILE,
    appJson: APP_JSON,
  },
  ...more,
});

/** @returns a unique app name; its images are removed with the test. */
let apps = 0;
function newApp(): string {
  apps += 1;
  const app = `rel-${process.pid}-${apps}`;
  onTestFinished(async () => {
    for (const tag of await tags(`oneoff/${app}`)) await api(host).delete(`/images/${tag}`);
  });
  return app;
}

let rich: string;
let bare: string;
beforeAll(async () => {
  rich = await buildImage(host, "oneoff-releases:rich", RICH);
  bare = await buildImage(host, "oneoff-releases:bare", BARE);
});
afterAll(async () => {
  for (const tag of ["rich", "bare"]) await api(host).delete(`/images/oneoff-releases:${tag}?force=1`);
  await engine[Symbol.asyncDispose]();
});

test("reads a release as it was recorded, except for what app.json sets", async () => {
  const app = newApp();
  const recorded = await recordRelease(engine, facts(app, 7, rich));
  expect(recorded).toMatchObject({ image: `oneoff/${app}:v7`, number: 7, base: rich });
  const [listed] = await listReleases(engine, app);
  expect(listed).toEqual({ ...recorded, appJson: { ...APP_JSON, env: new Map() } });
  expect([...(listed?.procfile ?? [])]).toEqual([...PROCFILE]);
});

test.each([
  ["with everything", () => rich],
  ["with nothing to run", () => bare],
])("records an image %s with the same Config, layers and history, and added labels", async (_what, source) => {
  const app = newApp();
  const before = (await api(host).get(`/images/${source()}/json`)).body;
  await recordRelease(engine, facts(app, 1, source()));
  const after = (await api(host).get(`/images/oneoff/${app}:v1/json`)).body;
  const { Labels, ...config } = after.Config;
  const { Labels: own, ...expected } = before.Config;
  expect(config).toEqual(expected);
  expect(Object.keys(config)).toEqual(Object.keys(expected));
  const added = Object.keys(Labels).filter((key) => !key.startsWith("dev.oneoff."));
  expect(Object.fromEntries(added.map((key) => [key, Labels[key]]))).toEqual(own ?? {});
  // A committed image has a new creation time and one more step.
  const isCommitted = inject("engine").containerd && source() === rich;
  for (const key of [...(isCommitted ? [] : ["Created"]), "RootFS", "Architecture", "Os"])
    expect(after[key]).toEqual(before[key]);
  const steps = async (image: string) =>
    (await api(host).get(`/images/${image}/history`)).body.map(
      // biome-ignore lint/suspicious/noExplicitAny: as the engine has it
      ({ Created, CreatedBy, Size }: any) => [Created, CreatedBy, Size],
    );
  expect((await steps(after.Id)).slice(isCommitted ? 1 : 0)).toEqual(await steps(before.Id));
  expect(JSON.stringify(after)).not.toContain("not-in-a-label");
});

test("`latest` keeps its image until it is set to the release", async () => {
  const app = newApp();
  expect(await currentRelease(engine, app)).toBeUndefined();
  const first = await recordRelease(engine, facts(app, 1, rich));
  expect(await tags(`oneoff/${app}`)).toEqual([`oneoff/${app}:v1`]);
  await setLatest(engine, first);
  await recordRelease(engine, facts(app, 2, rich));
  expect((await currentRelease(engine, app))?.number).toBe(1);
  expect((await inspectImage(engine, `oneoff/${app}:latest`)).Id).toBe(first.imageId);
});

test("`latest` or a version tag that was set by hand is no release", async () => {
  const app = newApp();
  await api(host).post(`/images/${rich}/tag?repo=oneoff/${app}&tag=latest`);
  await api(host).post(`/images/${rich}/tag?repo=oneoff/${app}&tag=v4`);
  const other = await recordRelease(engine, facts(newApp(), 3, rich));
  await api(host).post(`/images/${other.imageId}/tag?repo=oneoff/${app}&tag=v3`);
  expect(await listReleases(engine, app)).toEqual([]);
  expect(await currentRelease(engine, app)).toBeUndefined();
  expect(await nextNumber(engine, app)).toBe(1);
});

test("marks a release after postdeploy succeeded, and leaves what is live unchanged", async () => {
  const app = newApp();
  const first = await recordRelease(engine, facts(app, 1, rich));
  await setLatest(engine, first);
  const marked = await markPostdeployed(engine, first);
  expect(marked.postdeployedOn).toEqual(expect.stringMatching(/./));
  expect(await currentRelease(engine, app)).toMatchObject({
    imageId: marked.imageId,
    postdeployedOn: marked.postdeployedOn,
  });
  expect(await tags(`oneoff/${app}`)).toEqual([`oneoff/${app}:latest`, `oneoff/${app}:v1`]);
});

test("ignores the mark of another engine", async () => {
  const app = newApp();
  expect(await isFirstDeploy(engine, undefined)).toBe(true);
  const here = await markPostdeployed(engine, await recordRelease(engine, facts(app, 1, rich)));
  expect(await isFirstDeploy(engine, here)).toBe(false);
  expect(await isFirstDeploy(engine, { ...here, postdeployedOn: "another engine" })).toBe(true);
});

test("keeps the processes of a release when it is marked", needs("images that go with their tags"), async () => {
  const app = newApp();
  const first = await recordRelease(engine, facts(app, 1, rich));
  await setLatest(engine, first);
  const { body } = await api(host).post("/containers/create", { Image: first.imageId, Cmd: ["true"] });
  await markPostdeployed(engine, first);
  expect(
    (await listReleases(engine, app)).map(({ number, postdeployedOn }) => [number, Boolean(postdeployedOn)]),
  ).toEqual([[1, true]]);
  expect(await tags(`oneoff/${app}`)).toContain(`oneoff/${app}:v1-unmarked`);
  await pruneReleases(engine, app, 5);
  expect((await api(host).get(`/images/${first.imageId}/json`)).status).toBe(200);
  await api(host).delete(`/containers/${body.Id}`);
  await pruneReleases(engine, app, 5);
  expect((await api(host).get(`/images/${first.imageId}/json`)).status).toBe(404);
  expect(await tags(`oneoff/${app}`)).toEqual([`oneoff/${app}:latest`, `oneoff/${app}:v1`]);
});

test("pruning keeps the newest releases, the current one and those in use, and numbers keep increasing", async () => {
  const app = newApp();
  for (const number of [1, 2, 3, 4, 5]) {
    const release = await recordRelease(engine, facts(app, number, rich));
    if (number === 2) await setLatest(engine, release);
  }
  // A container of its image, created by hand, that does not even run.
  const { body } = await api(host).post("/containers/create", { Image: `oneoff/${app}:v3`, Cmd: ["true"] });
  const removed = await pruneReleases(engine, app, 1);
  expect(removed.map(({ number }) => number)).toEqual([4, 1]);
  expect((await listReleases(engine, app)).map(({ number }) => number)).toEqual([5, 3, 2]);
  await api(host).delete(`/containers/${body.Id}`);
  expect((await pruneReleases(engine, app, 0)).map(({ number }) => number)).toEqual([3]);
  expect(await nextNumber(engine, app)).toBe(6);
});

test("does not reuse a number that only a container has", async () => {
  const app = newApp();
  const name = `${app}.web.1`;
  const Labels = { "dev.oneoff.container": name, "dev.oneoff.app": app, "dev.oneoff.release": "41" };
  const { body } = await api(host).post(`/containers/create?name=${name}`, {
    Image: "busybox:local",
    Cmd: ["true"],
    Labels,
  });
  expect(await nextNumber(engine, app)).toBe(42);
  await api(host).delete(`/containers/${body.Id}`);
});

test("commits an image without other changes where layers cannot be referenced", needs("commits as told"), async () => {
  const app = newApp();
  const image = await inspectImage(engine, rich);
  const config = { ...image.Config, Labels: { ...image.Config?.Labels, more: "l" } };
  for (let n = 0; n < 2; n += 1) await relabelByCommit(engine, app, image, { config, tag: `oneoff/${app}:v1` });
  const made = await inspectImage(engine, `oneoff/${app}:v1`);
  // The commit copies only the keys of the container's labels.
  const Labels = { ...NO_LABELS, ...config.Labels };
  expect({ config: made.Config, layers: made.RootFS }).toEqual({
    config: { ...config, Labels },
    layers: image.RootFS,
  });
  const all = await api(host).get(`/containers/json?all=1&filters={"name":["${app}"]}`);
  expect(all.body).toEqual([]);
});

test("transfers a whole image where layers cannot be referenced", async () => {
  const app = newApp();
  const image = await inspectImage(engine, rich);
  const described = imageConfig(image, [], { ...image.Config, Env: ["ONLY=this"] });
  await loadImageWithConfig(engine, rich, described, `oneoff/${app}:v1`);
  const made = await inspectImage(engine, `oneoff/${app}:v1`);
  expect(made.Config?.Env).toEqual(["ONLY=this"]);
  expect(made.RootFS).toEqual(image.RootFS);
});

test("preserves the text of a Procfile", async () => {
  const app = newApp();
  const procfile = parseProcfile("web: echo '#' \"$A\" # a comment\nrelease: a && b\n");
  await recordRelease(engine, facts(app, 1, bare, { procfile }));
  expect((await listReleases(engine, app))[0]?.procfile).toEqual(procfile);
});
