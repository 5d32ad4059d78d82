import { expect, test } from "vitest";
import { parseAppJson } from "../../../src/app/app-json.ts";
import type { ImageDetails } from "../../../src/engine/image-types.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { NO_LABELS, ownLabels } from "../../../src/identity/ownership.ts";
import { releaseLabels } from "../../../src/release/release-labels.ts";
import {
  currentRelease,
  listReleases,
  nextNumber,
  pruneReleases,
  recordRelease,
  setLatest,
} from "../../../src/release/releases.ts";
import { entriesOf } from "../../support/archive.ts";
import { listed } from "../../support/deployed.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

const facts = (number: number, app = "a") => ({
  ...{ app, number, base: "sha256:b", created: "" },
  ...{ procfile: new Map(), appJson: parseAppJson(Buffer.from("{}")) },
});

const image: ImageDetails = {
  ...{ Id: "sha256:i", Architecture: "amd64", Os: "linux", RootFS: { Layers: ["sha256:l1", "sha256:l2"] } },
  Config: { Env: ["A=1"], Cmd: ["x"], Labels: { own: "l", "dev.oneoff.release": "3" } },
};

async function scene() {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  /** Answers the requests that describe the original image. */
  const describeImage = (details = image) => {
    engine.on("GET /images/sha256:i/json", 200, details);
    engine.on("GET /images/sha256:i/history", 200, [{ Created: 0, CreatedBy: "RUN x", Comment: "", Size: 5 }]);
  };
  return {
    engine,
    transport,
    describeImage,
    record: () => recordRelease(transport, { ...facts(7), imageId: "sha256:i" }),
    get routes() {
      return engine.requests.map(({ method, path }) => `${method} ${path}`);
    },
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
    },
  };
}

test("loads a config without layers, with new release labels", async () => {
  await using w = await scene();
  w.describeImage();
  const load = w.engine.on("POST /images/load", 200, { stream: "Loaded image: oneoff/a:v7\n" });
  w.engine.on("GET /images/oneoff/a:v7/json", 200, { Id: "sha256:made" });
  expect(await w.record()).toEqual({ ...facts(7), image: "oneoff/a:v7", imageId: "sha256:made" });
  const files = new Map(
    (await entriesOf((await load).body)).map(({ header, text }) => [header.name, JSON.parse(text)]),
  );
  const [[name = "", config], [, [manifest]]] = [...files] as [[string, unknown], [string, unknown[]]];
  expect(manifest).toEqual({
    Config: name,
    RepoTags: ["docker.io/oneoff/a:v7"],
    Layers: ["l1/layer.tar", "l2/layer.tar"],
  });
  expect(config).toMatchObject({
    config: { ...image.Config, Labels: { own: "l", ...releaseLabels(facts(7)) } },
    rootfs: { type: "layers", diff_ids: ["sha256:l1", "sha256:l2"] },
  });
});

test("commits a container that is never started if the engine requires layers", async () => {
  await using w = await scene();
  w.describeImage();
  w.engine.on("POST /images/load", 200, { error: 'layer "l1/layer.tar" not found' });
  const create = w.engine.on("POST /containers/create", 201, { Id: "c" });
  const commit = w.engine.on("POST /commit", 201, { Id: "sha256:made" });
  w.engine.on("DELETE /containers/c", 204);
  w.engine.on("GET /images/oneoff/a:v7/json", 200, { Id: "sha256:made" });
  expect((await w.record()).imageId).toBe("sha256:made");
  const { query, body } = await create;
  expect(query.name).toMatch(/^a\.labels\.[0-9a-f]{12}$/);
  expect(body).toEqual({
    ...{ Image: "sha256:i", Cmd: ["oneoff"] },
    Labels: ownLabels(query.name ?? "", { "dev.oneoff.app": "a", "dev.oneoff.kind": "phase" }),
  });
  expect((await commit).query).toEqual({ container: "c", repo: "oneoff/a", tag: "v7", pause: "0" });
  expect((await commit).body).toEqual({
    ...image.Config,
    Labels: { ...NO_LABELS, own: "l", ...releaseLabels(facts(7)) },
  });
});

test("removes the container after a failed commit", async () => {
  await using w = await scene();
  w.describeImage();
  w.engine.on("POST /images/load", 500, { message: "no" });
  w.engine.on("POST /containers/create", 201, { Id: "c" });
  w.engine.on("POST /commit", 500, { message: "disk full" });
  w.engine.on("DELETE /containers/c", 204);
  await expect(w.record()).rejects.toThrow("disk full");
  expect(w.routes.at(-1)).toBe("DELETE /containers/c");
});

test("does not commit a container after a lost connection", async () => {
  await using w = await scene();
  w.engine.on("GET /images/sha256:i/json", 200, image);
  w.engine.on("GET /images/sha256:i/history", 200, []);
  const recording = w.record();
  recording.catch(() => {});
  const load = await w.engine.on("POST /images/load");
  load.socket.destroy();
  await expect(recording).rejects.toMatchObject({ code: "engine-unreachable" });
  expect(w.routes.at(-1)).toBe("POST /images/load");
});

const summary = (number: number, more: object = {}) => ({
  ...{ Id: `sha256:${number}`, RepoTags: [`oneoff/a:v${number}`], Labels: releaseLabels(facts(number)), Created: 0 },
  ...more,
});

test("lists releases by number, from the newest", async () => {
  await using w = await scene();
  w.engine.on(
    "GET /images/json",
    200,
    [9, 10, 2].map((number) => summary(number)),
  );
  expect((await listReleases(w.transport, "a")).map(({ number }) => number)).toEqual([10, 9, 2]);
  expect(w.engine.requests[0]?.query).toEqual({ filters: '{"reference":["oneoff/a:v*"]}' });
});

test("ignores images whose tag does not match their labels, and other apps", async () => {
  await using w = await scene();
  w.engine.on("GET /images/json", 200, [
    summary(1, { RepoTags: ["oneoff/a:v11"] }),
    summary(2, { RepoTags: null }),
    summary(3, { Labels: releaseLabels(facts(3, "b")) }),
    summary(4, { Labels: null }),
  ]);
  expect(await listReleases(w.transport, "a")).toEqual([]);
});

test.each([
  ["nothing", [], [], 1],
  ["releases", [3, 5], [], 6],
  ["a container of a removed release", [3], ["8"], 9],
  ["a container with an invalid label", [3], ["x"], 4],
  ["a one-off without a release", [3], [""], 4],
])("returns the next number with %s", async (_what, releases, containers, next) => {
  await using w = await scene();
  w.engine.on(
    "GET /images/json",
    200,
    releases.map((number) => summary(number)),
  );
  w.engine.on(
    "GET /containers/json",
    200,
    containers.map((release) => listed("a.web.1", { "dev.oneoff.kind": "process", "dev.oneoff.release": release })),
  );
  expect(await nextNumber(w.transport, "a")).toBe(next);
});

test("ignores a user's container of a release for the next number", async () => {
  await using w = await scene();
  w.engine.on("GET /images/json", 200, []);
  const copy = listed("a.web.1", { "dev.oneoff.kind": "process", "dev.oneoff.release": "8" }, { Names: ["/copy"] });
  w.engine.on("GET /containers/json", 200, [copy]);
  expect(await nextNumber(w.transport, "a")).toBe(1);
});

const labelled = (number: number) => ({ Id: "sha256:x", Config: { Labels: releaseLabels(facts(number)) } });

test("returns the live release if the image has the tag in its labels", async () => {
  await using w = await scene();
  for (const tag of ["v7", "v7-unmarked"]) {
    w.engine.on("GET /images/oneoff/a:latest/json", 200, { ...labelled(7), RepoTags: [`oneoff/a:${tag}`] });
    expect(await currentRelease(w.transport, "a")).toMatchObject({ number: 7 });
  }
});

test("ignores an image that was built FROM a release", async () => {
  await using w = await scene();
  w.engine.on("GET /images/oneoff/a:latest/json", 200, { ...labelled(7), RepoTags: ["oneoff/a:latest", "x:1"] });
  w.engine.on("GET /images/oneoff/a:v7/json", 200, labelled(7));
  expect(await currentRelease(w.transport, "a")).toBeUndefined();
});

test("returns the live release if only latest was moved to this engine", async () => {
  await using w = await scene();
  w.engine.on("GET /images/oneoff/a:latest/json", 200, { ...labelled(7), RepoTags: ["oneoff/a:latest"] });
  w.engine.on("GET /images/oneoff/a:v7/json", 404, { message: "No such image" });
  expect(await currentRelease(w.transport, "a")).toMatchObject({ number: 7 });
});

test("does not report a release that the engine could not remove", async () => {
  await using w = await scene();
  w.engine.on(
    "GET /images/json",
    200,
    [1, 2, 3, 4, 5].map((number) => summary(number)),
  );
  w.engine.on("GET /images/json", 200, []);
  w.engine.on("GET /images/oneoff/a:latest/json", 404, { message: "No such image" });
  w.engine.on("GET /images/oneoff/a:previous/json", 404, { message: "No such image" });
  w.engine.on("GET /containers/json", 200, [listed("x", { "dev.oneoff.release": "1" }, { ImageID: "sha256:3" })]);
  w.engine.on("DELETE /images/oneoff/a:v4", 409, { message: "conflict: a container is using it" });
  w.engine.on("DELETE /images/oneoff/a:v2", 200, []);
  const removed = await pruneReleases(w.transport, "a", 1);
  expect(removed.map(({ number }) => number)).toEqual([2]);
});

const liveAs = (number: number) => ({
  ...{ Id: `sha256:${number}`, RepoTags: [`oneoff/a:v${number}`], Config: { Labels: releaseLabels(facts(number)) } },
});

test("keeps the previous release for a rollback", async () => {
  await using w = await scene();
  const releases = [1, 2, 3, 4].map((number) => summary(number));
  w.engine.on("GET /images/json", 200, releases);
  w.engine.on("GET /images/json", 200, []);
  w.engine.on("GET /images/oneoff/a:latest/json", 200, liveAs(4));
  w.engine.on("GET /images/oneoff/a:previous/json", 200, liveAs(1));
  w.engine.on("GET /containers/json", 200, []);
  w.engine.on("DELETE /images/oneoff/a:v3", 200, []);
  w.engine.on("DELETE /images/oneoff/a:v2", 200, []);
  expect((await pruneReleases(w.transport, "a", 1)).map(({ number }) => number)).toEqual([3, 2]);
});

test.each([
  ["another release, which becomes previous", 1, ["/images/sha256:1/tag previous", "/images/sha256:2/tag latest"]],
  ["the same release without changing previous", 2, ["/images/sha256:2/tag latest"]],
])("sets latest after %s", async (_what, live, expectedTags) => {
  await using w = await scene();
  w.engine.on("GET /images/oneoff/a:latest/json", 200, liveAs(live));
  for (const request of expectedTags) w.engine.on(`POST ${request.split(" ")[0]}`, 201);
  await setLatest(w.transport, { app: "a", number: 2, imageId: "sha256:2" });
  const tags = w.engine.requests.filter(({ path }) => path.endsWith("/tag"));
  expect(tags.map(({ path, query }) => `${path} ${query.tag}`)).toEqual(expectedTags);
});
