import { describe, expect, test } from "vitest";
import { isIndexFile, singleImageIndex } from "../../../../src/deploy/image/archive-manifest.ts";

const TAG = "oneoff/shop:loaded";
const ID = (letter: string) => `sha256:${letter.repeat(64)}`;

const manifest = (config: string, RepoTags: string[] | null) => ({
  ...{ Config: `blobs/sha256/${config.repeat(64)}`, RepoTags, Layers: ["l"] },
});

const descriptor = (letter: string, annotations: Record<string, string> = {}) => ({
  ...{ mediaType: "m", digest: ID(letter), size: 7, annotations },
});

const named = (name: string) => ({
  ...{ "io.containerd.image.name": name, "org.opencontainers.image.ref.name": "v7" },
});

/** The resulting index files, parsed. */
function index(files: Record<string, unknown>, wanted?: string) {
  const own = new Map(Object.entries(files).map(([name, value]) => [name, Buffer.from(JSON.stringify(value))]));
  const sent = Object.entries(singleImageIndex("app.tar", own, TAG, wanted));
  return Object.fromEntries(sent.map(([name, bytes]) => [name, JSON.parse(bytes.toString())]));
}

const ONLY = [{ ...manifest("a", []), RepoTags: [`docker.io/${TAG}`] }];

const loaded = (one: object) => ({
  ...one,
  annotations: {
    ...{ "io.containerd.image.name": `docker.io/${TAG}`, "org.opencontainers.image.ref.name": `docker.io/${TAG}` },
  },
});

test.each([
  ["manifest.json", true],
  ["./manifest.json", true],
  ["/x/../repositories", true],
  ["index.json", true],
  ["oci-layout", true],
  ["blobs/manifest.json", false],
  ["a/json", false],
])("detects the index file %s: %s", (name, expected) => expect(isIndexFile(name)).toBe(expected));

describe("an archive with one image", () => {
  test.each<[what: string, tags: string[] | null]>([
    ["the live tag of the app", ["oneoff/shop:latest"]],
    ["tags of other apps", ["oneoff/other:latest", "oneoff/shop:v3"]],
    ["other tags", ["postgres:16", "docker.io/user/app:1"]],
    ["no tags", null],
  ])("replaces %s by the temporary tag", (_what, tags) => {
    expect(index({ "manifest.json": [manifest("a", tags)], repositories: { "oneoff/shop": { latest: "a" } } })).toEqual(
      {
        "manifest.json": ONLY,
      },
    );
  });

  test("merges manifest.json and index.json of an image", () => {
    const layout = { imageLayoutVersion: "1.0.0" };
    const files = {
      "./manifest.json": [manifest("a", ["shop:v7", "postgres:16"])],
      "oci-layout": layout,
      "index.json": {
        schemaVersion: 2,
        manifests: [
          descriptor("b", named("docker.io/library/shop:v7")),
          descriptor("b", named("docker.io/library/postgres:16")),
        ],
      },
    };
    expect(index(files)).toEqual({
      "manifest.json": ONLY,
      "oci-layout": layout,
      "index.json": { schemaVersion: 2, manifests: [loaded(descriptor("b"))] },
    });
  });

  test("accepts an OCI layout without names", () => {
    const files = { "oci-layout": {}, "index.json": { manifests: [descriptor("b")] } };
    expect(index(files)).toEqual({ "oci-layout": {}, "index.json": { manifests: [loaded(descriptor("b"))] } });
  });
});

describe("an archive with several images", () => {
  const files = {
    "manifest.json": [manifest("a", ["shop:v7"]), manifest("c", ["localhost/other:1"]), manifest("e", null)],
    "oci-layout": {},
    "index.json": {
      manifests: [descriptor("b", named("docker.io/library/shop:v7")), descriptor("d", named("localhost/other:1"))],
    },
  };

  test.each(["shop:v7", "docker.io/library/shop:v7", ID("a"), ID("b")])("selects an image by --image %s", (selector) =>
    expect(index(files, selector)).toEqual({
      "manifest.json": ONLY,
      "oci-layout": {},
      "index.json": { manifests: [loaded(descriptor("b"))] },
    }),
  );

  test("writes only manifest.json for an image that is only listed there", () =>
    expect(Object.keys(index(files, ID("e")))).toEqual(["manifest.json"]));

  test("requires --image, and rejects an unknown image", () => {
    expect(() => index(files)).toThrow(`app.tar has several images: shop:v7, other:1, sha256:eeee`);
    expect(() => index(files, "c")).toThrow(`app.tar has no image "c"; it has shop:v7, other:1, sha256:eeee`);
  });
});

test.each([
  ["without an index", {}, "app.tar has no image"],
  ["with an empty index", { "manifest.json": [] }, "app.tar has no image"],
  ["with a null index", { "manifest.json": null }, "app.tar has no image"],
  [
    "with another index",
    { "manifest.json": { name: "app" } },
    "app.tar is not an image archive: invalid manifest.json",
  ],
  ["with invalid names", { "manifest.json": [{ Config: "x", RepoTags: [7] }] }, "invalid manifest.json"],
  ["with invalid descriptors", { "index.json": { manifests: [null] } }, "invalid index.json"],
])("rejects an archive %s", (_what, files, message) => expect(() => index(files)).toThrow(message));

test("rejects an archive whose index is not JSON", () =>
  expect(() => singleImageIndex("app.tar", new Map([["manifest.json", Buffer.from("")]]), TAG, undefined)).toThrow(
    "invalid manifest.json",
  ));
