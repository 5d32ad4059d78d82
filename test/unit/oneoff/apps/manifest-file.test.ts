import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { type Files, findManifest, readEnv, readProcfile } from "../../../../src/oneoff/apps/manifest-file.ts";

const files = (contents: Record<string, string>, env: Record<string, string> = {}): Files => ({
  cwd: "/srv/shop/app",
  env,
  exists: (path) => Object.hasOwn(contents, path),
  readFile: (path) => {
    const text = contents[path];
    if (text === undefined) throw new Error(`no such file: ${path}`);
    return Buffer.from(text);
  },
  fileTrust: () => undefined,
  envStore: { read: () => new Map() },
});

const describedBy = async (text: string, others: Record<string, string> = {}, env: Record<string, string> = {}) => {
  const there = files({ "/srv/oneoff.yaml": `app: a\nimage: i\n${text}`, ...others }, env);
  const app = (await findManifest(undefined, there))?.manifest.apps.get("a");
  if (!app) throw new Error("no app");
  return { app, there };
};

test("finds the nearest manifest upwards and interpolates variables", async () => {
  const contents = { "/srv/oneoff.yaml": "app: a\nimage: i:$TAG", "/oneoff.yaml": "app: b\nimage: i" };
  const found = await findManifest(undefined, files(contents, { TAG: "v1" }));
  expect(found?.file).toBe("/srv/oneoff.yaml");
  expect(found?.manifest.apps.get("a")?.image).toBe("i:v1");
});

test("resolves --config relative to the working folder", async () => {
  const contents = { "/srv/oneoff.yaml": "", "/srv/shop/x.yaml": "app: a\nbuild: ." };
  const found = await findManifest("../x.yaml", files(contents));
  expect(found?.file).toBe("/srv/shop/x.yaml");
  expect(found?.manifest.apps.get("a")?.build).toEqual({ context: "/srv/shop" });
});

test("reads a manifest once, because it may be a pipe", async () => {
  const contents: Record<string, string> = { "/srv/shop/x.yaml": "app: a\nimage: i" };
  const there = files(contents);
  const found = await findManifest("../x.yaml", there);
  contents["/srv/shop/x.yaml"] = "";
  expect(await findManifest("../x.yaml", there)).toBe(found);
  expect(await findManifest("../x.yaml", files({ "/srv/shop/x.yaml": "app: b\nimage: i" }))).not.toEqual(found);
});

test("returns undefined without a manifest, but fails for a missing --config", async () => {
  expect(await findManifest(undefined, files({}))).toBeUndefined();
  await expect(findManifest("x.yaml", files({}))).rejects.toThrow(
    expect.objectContaining({
      code: "unreadable",
      message: '--config "/srv/shop/app/x.yaml": no such file: /srv/shop/app/x.yaml',
    }),
  );
});

test("refuses a manifest that another user may have written, unless --config names it", async () => {
  const contents = { "/srv/oneoff.yaml": "app: a\nimage: i" };
  const planted: Files = {
    ...files(contents),
    fileTrust: () => ({ owners: [1000], isWritable: false, writableFolder: undefined, uid: 0, sudoUid: undefined }),
  };
  await expect(findManifest(undefined, planted)).rejects.toThrow(
    expect.objectContaining({
      code: "untrusted-manifest",
      message: 'Refused to read "/srv/oneoff.yaml": its owner is uid 1000, oneoff runs as uid 0',
      next: "if you trust the file: --config /srv/oneoff.yaml",
    }),
  );
  expect((await findManifest("/srv/oneoff.yaml", planted))?.manifest.apps.has("a")).toBe(true);
});

test("lets env override env-file, and later files earlier ones", async () => {
  const { app, there } = await describedBy(
    "env-file: [a.env, b.env]\nenv: {THREE: env}",
    { "/srv/a.env": "ONE=a\nTWO=a\nTHREE=a\nFOUR\nFIVE", "/srv/b.env": "TWO=b\nTHREE=b" },
    { FOUR: "ours" },
  );
  expect([...readEnv(app, there, () => {})]).toEqual([
    ["ONE", "a"],
    ["TWO", "b"],
    ["THREE", "env"],
    ["FOUR", "ours"],
  ]);
});

test("interpolates an env-file with the environment, env, and earlier files, in this order", async () => {
  const { app, there } = await describedBy(
    "env-file: [a.env, b.env]\nenv: {TWO: env, THREE: env}",
    { "/srv/a.env": "ONE=a\nTWO=a\nTHREE=a", "/srv/b.env": "ALL=$ONE $TWO $THREE $LATER\nLATER=b\nONE=b\nNEW=$ONE" },
    { THREE: "ours" },
  );
  const unset: string[] = [];
  const env = readEnv(app, there, (message) => unset.push(message));
  expect(Object.fromEntries(env)).toEqual({
    ...{ ONE: "b", TWO: "env", THREE: "env", ALL: "a env ours ", LATER: "b", NEW: "b" },
  });
  expect(unset).toEqual([expect.stringContaining("LATER")]);
});

test("returns no variables for an app without env", async () => {
  const { app, there } = await describedBy("");
  expect([...readEnv(app, there, () => {})]).toEqual([]);
});

test("names a missing or invalid env-file", async () => {
  const missing = await describedBy("env-file: a.env");
  expect(() => readEnv(missing.app, missing.there, () => {})).toThrow(
    'env-file "/srv/a.env": no such file: /srv/a.env',
  );
  const bad = await describedBy("env-file: a.env", { "/srv/a.env": "A=1\nsecret words=2" });
  expect(() => readEnv(bad.app, bad.there, () => {})).toThrow("/srv/a.env:2: white space in the name of the variable");
});

test("reads the Procfile from the path in the manifest", async () => {
  const { app, there } = await describedBy("procfile: config/Procfile", { "/srv/config/Procfile": "web: puma\n" });
  expect(readProcfile(app.procfile, there)).toEqual(new Map([["web", "puma"]]));
  const inline = await describedBy("procfile: {web: puma}");
  expect(readProcfile(inline.app.procfile, inline.there)).toEqual(new Map([["web", "puma"]]));
  const none = await describedBy("");
  expect(readProcfile(none.app.procfile, none.there)).toEqual(new Map());
});
