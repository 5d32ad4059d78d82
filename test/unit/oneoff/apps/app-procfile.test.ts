import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import type { App } from "../../../../src/app/app.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { appProcfile, resolveProcfile } from "../../../../src/oneoff/apps/app-procfile.ts";
import { readWhole } from "../../../../src/streams/read-whole.ts";
import { image } from "../../../support/deployed.ts";
import { type FakeEngine, fakeEngine } from "../../../support/fake-engine.ts";
import { folder } from "../../../support/folder.ts";

const app = (given: Partial<App> = {}): App => ({
  name: "shop",
  from: "oneoff.yaml",
  image: "oneoff/shop:latest",
  env: new Map(),
  procfile: new Map(),
  settings: {},
  ...given,
});

/** The process types, of an engine that answers as `script` says. */
const typesOf = async (...args: Parameters<typeof ask>) => Object.fromEntries(await ask(...args).then(([all]) => all));

/** What they were taken from. */
const originOf = async (...args: Parameters<typeof ask>) => (await ask(...args))[1];

async function ask(of: App, firstWord: string | undefined, script: (engine: FakeEngine) => void = () => {}) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  script(engine);
  const cache = { get: () => undefined, set: () => {} };
  const files = { exists: existsSync, readFile: readWhole };
  const context = { engine: transport, cache, report: () => {}, owner: "here:1", files };
  const { procfile, from } = await resolveProcfile(context, of, firstWord, undefined);
  script(engine);
  expect(await appProcfile(context, of, firstWord, undefined)).toEqual(procfile);
  return [procfile, from] as const;
}

const absent = (engine: FakeEngine) => {
  engine.on("GET /images/oneoff/shop:latest/json", 404, { message: "No such image: oneoff/shop:latest" });
};

test("what oneoff.yaml says is all, and nobody is asked", async () =>
  expect(await typesOf(app({ procfile: new Map([["web", "puma"]]) }), "web")).toEqual({ web: "puma" }));

test("a release has its own in a label: its files are not looked at", async () =>
  expect(
    await typesOf(app(), "console", (engine) => {
      const release = { "dev.oneoff.app": "shop", "dev.oneoff.release": "3" };
      const Labels = { ...release, "dev.oneoff.release.procfile": '[["console","racksh"]]' };
      const RepoTags = ["oneoff/shop:latest", "oneoff/shop:v3"];
      engine.on("GET /images/oneoff/shop:latest/json", 200, { ...image({ Labels }), RepoTags });
    }),
  ).toEqual({ console: "racksh" }));

test("what is built here has that of its folder, where its image has none", async () => {
  await using place = await folder({ Procfile: "web: puma\n", "other/Procfile": "web: other\n" });
  const built = (context: string) => app({ settings: { build: { context } } });
  expect(await typesOf(built(place.path), "web", absent)).toEqual({ web: "puma" });
  expect(await typesOf(built(`${place.path}/other`), "web", absent)).toEqual({ web: "other" });
  expect(await typesOf(built(`${place.path}/none`), "web", absent)).toEqual({});
  expect(await typesOf(app(), "web", absent)).toEqual({});
});

test("no Procfile is looked for on behalf of a shell", async () => {
  await using place = await folder({ Procfile: "garbled\n" });
  expect(await typesOf(app({ settings: { build: { context: place.path } } }), undefined)).toEqual({});
});

test("a mistake in that of the folder is told with its place", async () => {
  await using place = await folder({ Procfile: "garbled\n" });
  await expect(typesOf(app({ settings: { build: { context: place.path } } }), "web", absent)).rejects.toMatchObject({
    message: `${place.path}/Procfile:1: expected "name: command", found "garbled"`,
  });
});

test("their origin is what they were taken from", async () => {
  await using place = await folder({ Procfile: "web: puma\n" });
  const procfile = new Map([["web", "puma"]]);
  expect(await originOf(app({ procfile }), "web")).toBe("oneoff.yaml");
  expect(await originOf(app({ procfile, from: "release" }), "web")).toBe("release");
  expect(await originOf(app({ settings: { build: { context: place.path } } }), "web", absent)).toBe("build");
  expect(await originOf(app(), "web", absent)).toBe("image");
});
