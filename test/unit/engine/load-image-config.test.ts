import { expect, test } from "vitest";
import {
  type ImageConfig,
  imageHistory,
  loadImageConfig,
  loadImageWithConfig,
} from "../../../src/engine/load-image-config.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { entriesOf, tarOf } from "../../support/archive.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

const transportTo = (socketPath: string) => openTransport(() => ({ socketPath, from: "--host" }));

const CONFIG: ImageConfig = {
  ...{ architecture: "amd64", os: "linux", config: { Env: ["A=é"] }, history: [] },
  rootfs: { type: "layers", diff_ids: ["sha256:aa", "sha256:bb"] },
};

const manifestOf = (entries: readonly { header: { name: string }; text: string }[]) =>
  JSON.parse(entries.find(({ header }) => header.name === "manifest.json")?.text ?? "")[0];

test("loads a config under its digest, with names of layers that are not included", async () => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  const load = engine.on("POST /images/load", 200, { stream: "Loaded image: a:v1\n" });
  await loadImageConfig(transport, CONFIG, "a:v1");
  const entries = await entriesOf((await load).body);
  expect(entries.map(({ header }) => header.name)).toEqual([
    expect.stringMatching(/^[0-9a-f]{64}\.json$/),
    "manifest.json",
  ]);
  expect(JSON.parse(entries[0]?.text ?? "")).toEqual(CONFIG);
  expect(manifestOf(entries)).toEqual({
    ...{ Config: entries[0]?.header.name, RepoTags: ["docker.io/a:v1"], Layers: ["aa/layer.tar", "bb/layer.tar"] },
  });
});

test("reports an engine without the layers by its answer", async () => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  engine.on("POST /images/load", 200, { error: "open /tmp/aa/layer.tar: no such file or directory" });
  await expect(loadImageConfig(transport, CONFIG, "a:v1")).rejects.toMatchObject({ code: "load-failed" });
});

test("copies a whole image, with its layers and only the new config", async () => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  const get = engine.on("GET /images/i/get");
  const load = engine.on("POST /images/load", 200, {});
  const loading = loadImageWithConfig(transport, "i", CONFIG, "a:v1");
  const manifest = [{ Config: "blobs/sha256/c", RepoTags: ["x:y"], Layers: ["blobs/sha256/1", "blobs/sha256/2"] }];
  const saved = await tarOf(
    [{ name: "blobs/sha256/1" }, "one"],
    [{ name: "blobs/sha256/2" }, "two"],
    [{ name: "index.json" }, "{}"],
    [{ name: "manifest.json" }, JSON.stringify(manifest)],
    [{ name: "oci-layout" }, "{}"],
    [{ name: "repositories" }, "{}"],
  );
  (await get).acknowledge().end(saved);
  await loading;
  const entries = await entriesOf((await load).body);
  expect(entries.map(({ header }) => header.name)).toEqual([
    ...["blobs/sha256/1", "blobs/sha256/2"],
    ...[expect.stringMatching(/^[0-9a-f]{64}\.json$/), "manifest.json"],
  ]);
  expect(manifestOf(entries)).toMatchObject({ RepoTags: ["docker.io/a:v1"], Layers: manifest[0]?.Layers });
});

test("reads the history from the engine", async () => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  const rows = [{ Created: 1, CreatedBy: "RUN x", Comment: "", Size: 2 }];
  engine.on("GET /images/i/history", 200, rows);
  expect(await imageHistory(transport, "i")).toEqual(rows);
});
