import { expect, test } from "vitest";
import { parseAppJson } from "../../../src/app/app-json.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { ownLabels } from "../../../src/identity/ownership.ts";
import {
  createSwarmRelease,
  listSwarmReleases,
  releaseOfService,
  type SwarmRelease,
  updateSwarmRelease,
} from "../../../src/release/swarm-releases.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

const spec = { Name: "my-app-web", TaskTemplate: { ContainerSpec: { Image: "r/my-app@sha256:1", Env: ["A=1"] } } };

const release: SwarmRelease = {
  ...{ app: "my-app", number: 7, image: "r/my-app@sha256:1", imageId: "sha256:i", base: "sha256:b" },
  created: "2026-11-29T01:24:38.000Z",
  procfile: new Map([["web", "./web"]]),
  appJson: parseAppJson(Buffer.from('{"scripts": {"dokku": {"postdeploy": "a"}}}')),
  services: new Map([["web", spec]]),
};

const state = { liveAt: undefined, isUnfinished: true, isPostdeployed: false };

async function scene() {
  const engine = await fakeEngine();
  return { engine, transport: openTransport(() => ({ socketPath: engine.socketPath, from: "--host" })) };
}

/** The config that a create request makes. */
const toConfig = ({ Name, Labels, Data }: { Name: string; Labels: object; Data: string }) => ({
  ...{ ID: "c1", Version: { Index: 5 } },
  ...{ CreatedAt: "2026-11-29T01:24:38.5Z", UpdatedAt: "2026-11-29T01:24:38.5Z" },
  Spec: { Name, Labels, Data },
});

test("reads a release as it was recorded, without variables in labels", async () => {
  const { engine, transport } = await scene();
  await using _transport = transport;
  const created = engine.on("POST /configs/create", 201, { ID: "c1" });
  const recorded = await createSwarmRelease(transport, release, state);
  const { body } = await created;
  expect(body.Name).toBe("oneoff.my-app.v7");
  expect(body.Labels).toMatchObject({ "dev.oneoff.release": "7", "dev.oneoff.release.unfinished": "true" });
  expect(JSON.stringify(body.Labels)).not.toContain("A=1");
  engine.on("GET /configs", 200, [toConfig(body)]);
  expect(await listSwarmReleases(transport, "my-app")).toEqual([recorded]);
});

test("does not record a number twice", async () => {
  const { engine, transport } = await scene();
  await using _transport = transport;
  engine.on("POST /configs/create", 409, { message: "config oneoff.my-app.v7 already exists" });
  expect(await createSwarmRelease(transport, release, state)).toBeUndefined();
});

test("changes the state of a release and keeps its data", async () => {
  const { engine, transport } = await scene();
  await using _transport = transport;
  const created = engine.on("POST /configs/create", 201, { ID: "c1" });
  const recorded = await createSwarmRelease(transport, release, state);
  const config = toConfig((await created).body);
  engine.on("GET /configs/c1", 200, config);
  const updated = engine.on("POST /configs/c1/update", 200);
  if (!recorded) throw new Error("not recorded");
  await updateSwarmRelease(transport, recorded, { liveAt: "2026-11-29T01:25:00Z", isUnfinished: false });
  const { body, query } = await updated;
  expect(query).toEqual({ version: "5" });
  expect(body.Data).toBe(config.Spec.Data);
  engine.on("GET /configs", 200, [{ ...config, Spec: body }]);
  expect(await listSwarmReleases(transport, "my-app")).toMatchObject([
    { liveAt: "2026-11-29T01:25:00Z", isUnfinished: false, isPostdeployed: false },
  ]);
});

test.each([
  ["without labels of oneoff", {}],
  ["with a copied name", ownLabels("other", { "dev.oneoff.kind": "release", "dev.oneoff.release": "7" })],
  ["with other data", ownLabels("oneoff.my-app.v7", { "dev.oneoff.kind": "release", "dev.oneoff.release": "7" })],
])("ignores a config %s", async (_case, Labels) => {
  const { engine, transport } = await scene();
  await using _transport = transport;
  engine.on("GET /configs", 200, [toConfig({ Name: "oneoff.my-app.v7", Labels, Data: "e30=" })]);
  expect(await listSwarmReleases(transport, "my-app")).toEqual([]);
});

test("reads the release of a service from its labels, if they are its own", () => {
  const labels = ownLabels("my-app-web", { "dev.oneoff.release": "7" });
  const service = (Name: string) => ({ Spec: { Name, Labels: labels, TaskTemplate: {} } });
  expect(releaseOfService(service("my-app-web"))).toBe(7);
  expect(releaseOfService(service("copy-web"))).toBeUndefined();
});
