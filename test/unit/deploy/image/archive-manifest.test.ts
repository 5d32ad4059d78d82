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

/** The files that are sent, as values. */
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
])("%s gives names to images: %s", (name, expected) => expect(isIndexFile(name)).toBe(expected));

describe("an image has one name only, ours", () => {
  test.each<[what: string, tags: string[] | null]>([
    ["the app's live tag", ["oneoff/shop:latest"]],
    ["another app's live tag and a release", ["oneoff/other:latest", "oneoff/shop:v3"]],
    ["somebody else's tags", ["postgres:16", "docker.io/user/app:1"]],
    ["none", null],
  ])("of %s", (_what, tags) => {
    expect(index({ "manifest.json": [manifest("a", tags)], repositories: { "oneoff/shop": { latest: "a" } } })).toEqual(
      {
        "manifest.json": ONLY,
      },
    );
  });

  test("where both kinds of index name it", () => {
    const layout = { imageLayoutVersion: "1.0.0" };
    const own = {
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
    expect(index(own)).toEqual({
      "manifest.json": ONLY,
      "oci-layout": layout,
      "index.json": { schemaVersion: 2, manifests: [loaded(descriptor("b"))] },
    });
  });

  test("where an OCI layout has it without a name", () => {
    const own = { "oci-layout": {}, "index.json": { manifests: [descriptor("b")] } };
    expect(index(own)).toEqual({ "oci-layout": {}, "index.json": { manifests: [loaded(descriptor("b"))] } });
  });
});

describe("of several images", () => {
  const own = {
    "manifest.json": [manifest("a", ["shop:v7"]), manifest("c", ["localhost/other:1"]), manifest("e", null)],
    "oci-layout": {},
    "index.json": {
      manifests: [descriptor("b", named("docker.io/library/shop:v7")), descriptor("d", named("localhost/other:1"))],
    },
  };

  test.each(["shop:v7", "docker.io/library/shop:v7", ID("a"), ID("b")])("--image %s chooses", (wanted) =>
    expect(index(own, wanted)).toEqual({
      "manifest.json": ONLY,
      "oci-layout": {},
      "index.json": { manifests: [loaded(descriptor("b"))] },
    }),
  );

  test("an image that only manifest.json lists is described by that alone", () =>
    expect(Object.keys(index(own, ID("e")))).toEqual(["manifest.json"]));

  test("none is chosen without --image, and an unknown one is refused", () => {
    expect(() => index(own)).toThrow(`app.tar has several images: shop:v7, other:1, sha256:eeee`);
    expect(() => index(own, "c")).toThrow(`app.tar has no image "c"; it has shop:v7, other:1, sha256:eeee`);
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
  ["with garbled names", { "manifest.json": [{ Config: "x", RepoTags: [7] }] }, "invalid manifest.json"],
  ["with garbled descriptors", { "index.json": { manifests: [null] } }, "invalid index.json"],
])("an archive %s is refused", (_what, files, message) => expect(() => index(files)).toThrow(message));

test("an archive whose index is no JSON is refused", () =>
  expect(() => singleImageIndex("app.tar", new Map([["manifest.json", Buffer.from("")]]), TAG, undefined)).toThrow(
    "invalid manifest.json",
  ));
