import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { openTransport } from "../../../src/engine/transport.ts";
import { type AppRequest, explainMissingImage, type Files, resolveApp } from "../../../src/oneoff/resolve.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

/** A folder that is nowhere but here. */
const files = (content: Record<string, string>, cwd = "/home/me/project/sub"): Files => ({
  cwd,
  exists: (path) => path in content,
  readFile(path) {
    const text = content[path];
    if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
    return Buffer.from(text);
  },
});
const none = files({});
const resolve = (request: Partial<AppRequest>, there = none) => resolveApp({ name: "my-app", ...request }, there);

const MANIFEST = "apps: {my-app: {image: app:v1, env: {A: 1}, procfile: {web: puma -C x}}, other: {}}";

describe("an app is looked for", () => {
  test("in --image first, which needs nothing else", () =>
    expect(resolve({ image: "busybox" }, files({ "/home/me/project/oneoff.yaml": MANIFEST }))).toEqual({
      name: "my-app",
      from: "--image",
      image: "busybox",
      env: new Map(),
      procfile: new Map(),
    }));

  test("then in the nearest oneoff.yaml, upwards from here", () =>
    expect(
      resolve({}, files({ "/home/me/project/oneoff.yaml": MANIFEST, "/oneoff.yaml": "apps: {my-app: {image: root}}" })),
    ).toEqual({
      name: "my-app",
      from: "oneoff.yaml",
      image: "app:v1",
      env: new Map([["A", "1"]]),
      procfile: new Map([["web", "puma -C x"]]),
    }));

  test("in no farther one, though the nearest does not have it", () =>
    expect(resolve({}, files({ "/home/me/oneoff.yaml": "apps: {a: {}}", "/oneoff.yaml": MANIFEST })).from).toBe(
      "release",
    ));

  test("up to the root", () => expect(resolve({}, files({ "/oneoff.yaml": MANIFEST })).image).toBe("app:v1"));

  test("where --config says instead, relative to here", () => {
    const there = files({ "/home/me/project/oneoff.yaml": MANIFEST, "/home/me/x.yaml": "apps: {my-app: {image: x}}" });
    expect(resolve({ config: "../../x.yaml" }, there).image).toBe("x");
    expect(resolve({ config: "/home/me/x.yaml" }, there).image).toBe("x");
  });

  test("then among the releases, without asking the engine", () =>
    expect(resolve({})).toEqual({
      name: "my-app",
      from: "release",
      image: "oneoff/my-app:latest",
      env: new Map(),
      procfile: new Map(),
    }));
});

describe("a Procfile that a manifest points to", () => {
  const manifest = "apps: {my-app: {image: i, procfile: ../Procfile.prod}}";

  test("is looked for from the manifest's folder", () =>
    expect(
      resolve({}, files({ "/home/me/oneoff.yaml": manifest, "/home/Procfile.prod": "web: puma\n" })).procfile,
    ).toEqual(new Map([["web", "puma"]])));

  test("is named in its own mistakes", () =>
    expect(() => resolve({}, files({ "/home/me/oneoff.yaml": manifest, "/home/Procfile.prod": "web\n" }))).toThrow(
      '/home/Procfile.prod:1: expected "name: command", found "web"',
    ));

  test("has to be there", () =>
    expect(() => resolve({}, files({ "/home/me/oneoff.yaml": manifest }))).toThrow(
      expect.objectContaining({
        code: "unreadable",
        kind: "usage",
        message: `procfile "/home/Procfile.prod": ENOENT: no such file or directory, open '/home/Procfile.prod'`,
      }),
    ));
});

test.each(["My-App", "", "-a", "a-", "a/b", "a b", "é", "a".repeat(64)])("%j is no name of an app", (name) =>
  expect(() => resolve({ name, image: "i" })).toThrow(
    expect.objectContaining({ code: "bad-app-name", kind: "usage", message: expect.stringContaining("found") }),
  ),
);

test.each(["a", "0", "my-app", "a.b_c--d", "a".repeat(63)])("%j is one", (name) =>
  expect(resolve({ name, image: "i" }).name).toBe(name),
);

test("an app in a manifest has to have an image", () =>
  expect(() => resolve({ name: "other" }, files({ "/oneoff.yaml": MANIFEST }))).toThrow(
    expect.objectContaining({
      code: "no-image",
      kind: "usage",
      message: "/oneoff.yaml: apps.other has no image",
      next: "oneoff run --image IMAGE other …",
    }),
  ));

test("a --config that is not there is an error, and no reason to look elsewhere", () =>
  expect(() => resolve({ config: "none.yaml" }, files({ "/oneoff.yaml": MANIFEST }))).toThrow(
    expect.objectContaining({
      code: "unreadable",
      message: `--config "/home/me/project/sub/none.yaml": ENOENT: no such file or directory, open '/home/me/project/sub/none.yaml'`,
    }),
  ));

describe("an image that the engine does not have", () => {
  /** What is said of it by an engine with these images. */
  const explained = async (request: AppRequest, there: Files, tags?: (string[] | null)[]) => {
    await using engine = await fakeEngine();
    await using transport = openTransport({ socketPath: engine.socketPath, from: "--host" });
    if (tags) {
      engine.on(
        "GET /images/json",
        200,
        tags.map((RepoTags) => ({ Id: "sha256:1", RepoTags })),
      );
    }
    return await explainMissingImage(transport, resolveApp(request, there), request, there);
  };

  // Our options end at the app: --pull has to stand in front of it.
  test("was named by --image: it can be pulled, or brought", async () =>
    expect(await explained({ name: "my-app", image: "busybox" }, none)).toMatchObject({
      code: "missing-image",
      kind: "failed",
      message: 'The engine has no image "busybox", and nothing is pulled unasked',
      next: "oneoff run --pull --image busybox my-app …, or bring it: docker load -i image.tar",
    }));

  test("was named by a manifest: likewise", async () =>
    expect(await explained({ name: "my-app" }, files({ "/oneoff.yaml": MANIFEST }))).toMatchObject({
      message: 'The engine has no image "app:v1", and nothing is pulled unasked',
      next: "oneoff run --pull my-app …, or bring it: docker load -i image.tar",
    }));

  test("would be a release: there is no such app, but perhaps one nearly so named", async () =>
    expect(
      await explained({ name: "myapp" }, files({ "/oneoff.yaml": MANIFEST }), [
        ["oneoff/shop:latest"],
        ["oneoff/my-app:latest"],
        null,
      ]),
    ).toMatchObject({
      code: "unknown-app",
      message:
        'There is no app "myapp" (looked in /oneoff.yaml, and for the image oneoff/myapp:latest); did you mean "my-app"?\nknown apps: my-app, other, shop',
      next: "oneoff run my-app …",
    }));

  test("would be a release, where there is none at all", async () =>
    expect(await explained({ name: "my-app" }, none, [])).toMatchObject({
      message:
        'There is no app "my-app" (looked in oneoff.yaml, of which there is none here, and for the image oneoff/my-app:latest)',
      next: "oneoff run --image IMAGE my-app …",
    }));

  test("would be a release: other tags of an image that is one are no apps", async () =>
    expect(
      (await explained({ name: "zzz" }, none, [["oneoff/shop:v7", "oneoff/shop:latest", "registry/x:latest"]])).message,
    ).toContain("known apps: shop"));
});
