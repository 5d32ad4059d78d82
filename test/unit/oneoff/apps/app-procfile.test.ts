import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { App } from "../../../../src/app/app.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { appProcfile, resolveProcfile } from "../../../../src/oneoff/apps/app-procfile.ts";
import type { Event } from "../../../../src/output/events.ts";
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

/** Reads process types with an engine that is scripted by `script`. */
const typesOf = async (...args: Parameters<typeof ask>) => Object.fromEntries(await ask(...args).then(([all]) => all));

/** The origin of the process types. */
const originOf = async (...args: Parameters<typeof ask>) => (await ask(...args))[1];

async function ask(
  of: App,
  firstWord: string | undefined,
  script: (engine: FakeEngine) => void = () => {},
  {
    file,
    config,
    owners = [1000],
    events = [],
  }: { file?: string; config?: string; owners?: number[]; events?: Event[] } = {},
) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  script(engine);
  const cache = { get: () => undefined, set: () => {} };
  const trust = { owners, isWritable: false, writableFolder: undefined, uid: 1000, sudoUid: undefined };
  const files = { exists: existsSync, readFile: readWhole, fileTrust: () => trust };
  const report = (event: Event) => events.push(event);
  const context = { engine: transport, cache, report, owner: "here:1", files };
  const request = { app: of, ...(file !== undefined && { file }), config };
  const { procfile, from } = await resolveProcfile(context, request, firstWord);
  script(engine);
  expect(await appProcfile({ ...context, report: () => {} }, request, firstWord)).toEqual(procfile);
  return [procfile, from] as const;
}

const absent = (engine: FakeEngine) => {
  engine.on("GET /images/oneoff/shop:latest/json", 404, { message: "No such image: oneoff/shop:latest" });
};

test("uses process types of oneoff.yaml without a request", async () =>
  expect(await typesOf(app({ procfile: new Map([["web", "puma"]]) }), "web")).toEqual({ web: "puma" }));

test("reads a release's process types from its label, not from its files", async () =>
  expect(
    await typesOf(app(), "console", (engine) => {
      const release = { "dev.oneoff.app": "shop", "dev.oneoff.release": "3" };
      const Labels = { ...release, "dev.oneoff.release.procfile": '[["console","racksh"]]' };
      const RepoTags = ["oneoff/shop:latest", "oneoff/shop:v3"];
      engine.on("GET /images/oneoff/shop:latest/json", 200, { ...image({ Labels }), RepoTags });
    }),
  ).toEqual({ console: "racksh" }));

test("reads the Procfile of the build folder if the image has none", async () => {
  await using place = await folder({ Procfile: "web: puma\n", "other/Procfile": "web: other\n" });
  const built = (context: string) => app({ settings: { build: { context } } });
  expect(await typesOf(built(place.path), "web", absent)).toEqual({ web: "puma" });
  expect(await typesOf(built(`${place.path}/other`), "web", absent)).toEqual({ web: "other" });
  expect(await typesOf(built(`${place.path}/none`), "web", absent)).toEqual({});
  expect(await typesOf(app(), "web", absent)).toEqual({});
});

test("reads no Procfile for a shell", async () => {
  await using place = await folder({ Procfile: "garbled\n" });
  expect(await typesOf(app({ settings: { build: { context: place.path } } }), undefined)).toEqual({});
});

test("reports an error in the build folder's Procfile with its line", async () => {
  await using place = await folder({ Procfile: "garbled\n" });
  await expect(typesOf(app({ settings: { build: { context: place.path } } }), "web", absent)).rejects.toMatchObject({
    message: `${place.path}/Procfile:1: expected "name: command", found "garbled"`,
  });
});

describe("a Procfile beside oneoff.yaml", () => {
  const withImage = app({ settings: { image: "oneoff/shop:latest" } });
  const place = () => folder({ Procfile: "migrate: rake db:migrate\n", "none/oneoff.yaml": "" });
  const path = (folder: { readonly path: string }) => `${folder.path}/oneoff.yaml`;

  test("is read for an app with an image if the image has none", async () => {
    await using here = await place();
    expect(await typesOf(withImage, "migrate", absent, { file: path(here) })).toEqual({ migrate: "rake db:migrate" });
    expect(await originOf(withImage, "migrate", absent, { file: path(here) })).toBe("Procfile");
    expect(await typesOf(withImage, "migrate", absent, { file: `${here.path}/none/oneoff.yaml` })).toEqual({});
  });

  test("is not read for an app of another source, a shell, or a command that names no process type", async () => {
    await using here = await place();
    const file = path(here);
    expect(await typesOf(app(), "migrate", absent, { file })).toEqual({});
    expect(await typesOf(app({ ...withImage, from: "compose.yaml" }), "migrate", absent, { file })).toEqual({});
    expect(await typesOf(withImage, undefined, () => {}, { file })).toEqual({});
    expect(await typesOf(withImage, "./migrate", () => {}, { file })).toEqual({});
  });

  test("is overridden by the Procfile of oneoff.yaml, the image and the build folder", async () => {
    await using here = await place();
    const build = { context: `${here.path}/build` };
    await using built = await folder({ Procfile: "web: built\n" });
    expect(
      await typesOf({ ...withImage, procfile: new Map([["web", "puma"]]) }, "web", undefined, { file: path(here) }),
    ).toEqual({
      web: "puma",
    });
    const settings = { ...withImage.settings, build: { ...build, context: built.path } };
    expect(await typesOf(app({ settings }), "web", absent, { file: path(here) })).toEqual({ web: "built" });
  });

  test("is ignored with a warning if another user owns it, unless --config names oneoff.yaml", async () => {
    await using here = await place();
    const events: Event[] = [];
    const found = { file: path(here), owners: [1001], events };
    expect(await typesOf(withImage, "migrate", absent, found)).toEqual({});
    expect(events).toEqual([
      {
        type: "warning",
        message: `"${here.path}/Procfile" is ignored: its owner is uid 1001, oneoff runs as uid 1000`,
      },
    ]);
    expect(await typesOf(withImage, "migrate", absent, { ...found, config: "oneoff.yaml" })).toHaveProperty("migrate");
  });

  test("is ignored with a warning if it is invalid: the command may be a program", async () => {
    await using here = await folder({ Procfile: "garbled\n" });
    const events: Event[] = [];
    expect(await typesOf(withImage, "ls", absent, { file: path(here), events })).toEqual({});
    expect(events).toMatchObject([{ type: "warning", message: expect.stringContaining("/Procfile:1: expected") }]);
  });
});

test("returns the origin of process types", async () => {
  await using place = await folder({ Procfile: "web: puma\n" });
  const procfile = new Map([["web", "puma"]]);
  expect(await originOf(app({ procfile }), "web")).toBe("oneoff.yaml");
  expect(await originOf(app({ procfile, from: "release" }), "web")).toBe("release");
  expect(await originOf(app({ settings: { build: { context: place.path } } }), "web", absent)).toBe("build");
  expect(await originOf(app(), "web", absent)).toBe("image");
});
