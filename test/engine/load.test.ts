import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { loadArchive } from "../../src/deploy/image/archive.ts";
import { readImageFiles } from "../../src/deploy/image/image-files.ts";
import { inspectImage } from "../../src/engine/images.ts";
import { openTransport } from "../../src/engine/transport.ts";
import { buildImage } from "../support/base-image.ts";
import { api, containers, imageTags, socketOf } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";

const host = inject("engineHost");
const engine = openTransport(() => ({ socketPath: socketOf(host), from: "--host" }));
const DOCKERFILE = "FROM busybox:local\nWORKDIR /srv\nCOPY . .\nRUN ln -s conf/P Procfile\n";
const FILES = { "conf/P": "release: rake\n", "app.json": '{"scripts":{"postdeploy":"seed"}}' };

const TAG = "oneoff/load:loaded";

let saved: Buffer;
let id: string;

beforeAll(async () => {
  id = await buildImage(host, "oneoff-load:1", DOCKERFILE, FILES);
  await api(host).post("/images/oneoff-load:1/tag?repo=oneoff-load&tag=2");
  ({ bytes: saved } = await api(host).get("/images/get?names=oneoff-load:1&names=oneoff-load:2"));
});
afterAll(() => engine[Symbol.asyncDispose]());

const load = (from: string | Readable, wanted?: string) =>
  loadArchive({ engine, report: () => {} }, { name: "app.tar", from }, TAG, wanted);

const remove = async () => {
  for (const tag of ["oneoff-load:1", "oneoff-load:2", TAG]) await api(host).delete(`/images/${tag}`);
  expect((await api(host).get(`/images/${id}/json`)).status).toBe(404);
};

describe("load of a saved image", () => {
  test.each<[how: string, compress: (bytes: Buffer, folder: string) => Buffer]>([
    ["without compression", (bytes) => bytes],
    ["with gzip", (bytes) => gzipSync(bytes)],
    ["with zstd", (bytes) => zstdCompressSync(bytes)],
    [
      "with xz",
      (bytes, folder) => {
        writeFileSync(join(folder, "tar"), bytes);
        execFileSync("xz", [join(folder, "tar")]);
        return readFileSync(join(folder, "tar.xz"));
      },
    ],
  ])("loads a saved image %s unchanged", async (_how, compress) => {
    await using here = await folder();
    const bytes = compress(saved, here.path);
    writeFileSync(join(here.path, "app.tar"), bytes);
    await remove();
    expect(await load(join(here.path, "app.tar"))).toBe(id);
    expect([await imageTags(host, "oneoff-load"), await imageTags(host, "oneoff/load")]).toEqual([[], [TAG]]);
    await remove();
    expect(await load(Readable.from([bytes]))).toBe(id);
  });
});

/** A loaded image has only oneoff's tag. */
const named = async () => {
  await load(Readable.from([saved]));
  await api(host).post(`/images/${TAG}/tag?repo=oneoff-load&tag=1`);
};

test("rejects an archive of several images unless one is named", async () => {
  await named();
  const { bytes } = await api(host).get("/images/get?names=oneoff-load:1&names=busybox:local");
  await expect(load(Readable.from([bytes]))).rejects.toMatchObject({
    code: "not-one-image",
    message: expect.stringMatching(/oneoff-load:1, busybox:local|busybox:local, oneoff-load:1/),
  });
  expect(await load(Readable.from([bytes]), "oneoff-load:1")).toBe(id);
});

const NO_IMAGE = "app.tar has no image";
const CUT_OFF = "The engine cannot load the archive: the archive is truncated";
const CUT_OFF_COMPRESSED = "Cannot decompress app.tar: unexpected end of file";

describe("load of an invalid archive", () => {
  const cut = (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2));
  test.each<[what: string, bytes: () => Buffer, message: string]>([
    ["cut off", () => cut(saved), CUT_OFF],
    ["cut off with gzip", () => cut(gzipSync(saved)), CUT_OFF_COMPRESSED],
    ["cut off with zstd", () => cut(zstdCompressSync(saved)), CUT_OFF_COMPRESSED],
    ["no bytes", () => Buffer.alloc(0), NO_IMAGE],
    ["50 MB of zeros", () => Buffer.alloc(512 * 100_000), NO_IMAGE],
    ["50 MB of text", () => Buffer.alloc(50e6, "text"), expect.stringContaining("Invalid tar header")],
  ])("rejects an invalid archive before the engine reads its end: %s", async (_what, bytes, message) => {
    await expect(load(Readable.from([bytes()]))).rejects.toMatchObject({
      ...{ code: expect.stringMatching(/^(load-failed|not-one-image)$/), message },
    });
  });
});

test("reads Procfile and app.json of an image, and leaves no container", async () => {
  await named();
  const files = { readFile: (path: string) => readFileSync(path) };
  const app = { app: "oneoff-load", image: await inspectImage(engine, "oneoff-load:1") };
  const cache = { get: () => undefined, set: () => {} };
  const read = await readImageFiles({ engine, owner: "here:1", cache, files }, app, { appJsonPath: "app.json" });
  expect(read).toMatchObject({
    procfile: new Map([["release", "rake"]]),
    appJson: { scripts: { firstPostdeploy: "seed" } },
    searchedPaths: { procfile: "/srv/Procfile of the image", appJson: "/srv/app.json of the image" },
  });
  expect(await containers(host, "dev.oneoff.app=oneoff-load")).toEqual([]);
});
