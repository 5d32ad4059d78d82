import { describe, expect, test } from "vitest";
import { readImageFiles } from "../../../../src/deploy/image/image-files.ts";
import type { SourcePaths } from "../../../../src/deploy/image/source-files.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { NO_LABELS } from "../../../../src/identity/ownership.ts";
import type { Cache } from "../../../../src/oneoff/apps/image-procfile.ts";
import { answerArchive, answerStat, GO_MODE, type Stat, tarOf } from "../../../support/archive.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

/** The content of a path in the image, or its stat if it is not a file. */
type PathContent = string | Stat | undefined;

const NOTHING = { scripts: {}, env: new Map(), formation: new Map(), healthchecks: new Map(), cron: [] };
const files = {
  readFile: (path: string) => Buffer.from(path === "/here/P" ? "local: ls" : '{"scripts":{"postdeploy":"seed"}}'),
};

async function readFiles(
  contents: readonly PathContent[],
  paths: Partial<SourcePaths> = {},
  workingDir = "/srv",
  Env: readonly string[] = [],
  removal = 204,
  cache = new Map<string, string>(),
) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.always("POST /containers/create", 201, { Id: "c" });
  engine.always("DELETE /containers/c", removal, removal === 204 ? undefined : { message: "oh" });
  const requestedPaths: (string | undefined)[] = [];
  const serving = (async () => {
    for (const one of contents) {
      requestedPaths.push(await answerStat(engine, typeof one === "string" ? {} : one));
      if (typeof one === "string") await answerArchive(engine, await tarOf([{ name: "x" }, one]));
    }
  })();
  const image = { Id: "sha256:7", Config: { WorkingDir: workingDir, Env } };
  const stored: Cache = { get: (key) => cache.get(key), set: (key, text) => void cache.set(key, text) };
  const context = { engine: transport, owner: "here:1", cache: stored, files };
  const outcome = await readImageFiles(context, { app: "shop", image }, { appJsonPath: "app.json", ...paths }).then(
    (read) => ({ read, error: undefined }),
    (error) => ({ read: undefined, error }),
  );
  await serving;
  const created = engine.requests
    .filter(({ path }) => path === "/containers/create")
    .map(({ query, body }) => {
      expect(body.Labels["dev.oneoff.container"]).toBe(query.name);
      return body;
    });
  return { ...outcome, requestedPaths, created, last: engine.lines.at(-1) };
}

test("reads both files through a container that is never started", async () => {
  expect(await readFiles(["web: puma\n", '{"scripts":{"dokku":{"predeploy":"make"}}}'])).toEqual({
    read: {
      procfile: new Map([["web", "puma"]]),
      appJson: { ...NOTHING, scripts: { predeploy: "make" } },
      searchedPaths: { procfile: "/srv/Procfile of the image", appJson: "/srv/app.json of the image" },
    },
    error: undefined,
    requestedPaths: ["/srv/Procfile", "/srv/app.json"],
    created: [
      {
        Image: "sha256:7",
        Cmd: ["-"],
        Labels: {
          ...NO_LABELS,
          "dev.oneoff.container": expect.stringMatching(/^shop\.procfile\.[0-9a-f]{12}$/),
          ...{ "dev.oneoff.app": "shop", "dev.oneoff.kind": "procfile", "dev.oneoff.owner": "here:1" },
        },
      },
    ],
    last: "DELETE /containers/c?force=1&v=1",
  });
});

test("accepts an image without both files", async () =>
  expect((await readFiles([undefined, undefined])).read).toMatchObject({ procfile: new Map(), appJson: NOTHING }));

test("uses / without a WORKDIR, and appjson-path for app.json", async () =>
  expect((await readFiles([undefined, undefined], { appJsonPath: "x/a.json" }, "")).requestedPaths).toEqual([
    "/Procfile",
    "/x/a.json",
  ]));

test("reads the files of an image once", async () => {
  const cache = new Map<string, string>();
  const contents = ["web: caf\u00e9\n", undefined];
  const { read } = await readFiles(contents, {}, "/srv", [], 204, cache);
  expect(await readFiles([], {}, "/srv", [], 204, cache)).toMatchObject({ read, created: [], last: undefined });
  expect(read?.procfile).toEqual(new Map([["web", "caf\u00e9"]]));
  expect((await readFiles([undefined, undefined], {}, "/other", [], 204, cache)).created).toHaveLength(1);
});

test("follows symlinks", async () => {
  const { read, requestedPaths } = await readFiles([
    { mode: GO_MODE.symlink, linkTarget: "/etc/P" },
    "web: puma\n",
    { mode: GO_MODE.symlink, linkTarget: "/nowhere" },
    undefined,
  ]);
  expect(read).toMatchObject({ procfile: new Map([["web", "puma"]]), appJson: NOTHING });
  expect(requestedPaths).toEqual(["/srv/Procfile", "/etc/P", "/srv/app.json", "/nowhere"]);
});

describe("files in oneoff.yaml", () => {
  test("reads one file from this machine", async () =>
    expect(await readFiles(["web: puma\n"], { appJson: "/here/app.json" })).toMatchObject({
      read: {
        procfile: new Map([["web", "puma"]]),
        appJson: { scripts: { firstPostdeploy: "seed" } },
        searchedPaths: { procfile: "/srv/Procfile of the image", appJson: "/here/app.json" },
      },
    }));

  test("creates no container if both files are local", async () =>
    expect(await readFiles([], { appJson: "/here/app.json", procfile: { path: "/here/P" } })).toMatchObject({
      read: { procfile: new Map([["local", "ls"]]) },
      created: [],
    }));
});

describe("invalid files", () => {
  test("removes the container after an invalid file", async () =>
    expect(await readFiles(["web\n", undefined])).toMatchObject({
      error: { code: "bad-procfile", message: '/srv/Procfile of the image:1: expected "name: command", found "web"' },
      last: "DELETE /containers/c?force=1&v=1",
    }));

  test("removes the container if the file is a folder", async () =>
    expect(await readFiles([{ mode: GO_MODE.directory }])).toMatchObject({
      error: { code: "unreadable", message: 'Cannot read "/srv/Procfile of the image": is a folder' },
      last: "DELETE /containers/c?force=1&v=1",
    }));
});

test("uses /app for a herokuish image without a WORKDIR", async () =>
  expect((await readFiles([undefined, undefined], {}, "", ["USER=herokuishuser"])).requestedPaths).toEqual([
    "/app/Procfile",
    "/app/app.json",
  ]));

test.each([404, 409])("ignores a concurrent removal of the container (%i)", async (removal) => {
  const { read } = await readFiles(["web: puma\n", undefined], {}, "/srv", [], removal);
  expect(read?.procfile).toEqual(new Map([["web", "puma"]]));
  expect((await readFiles(["web: puma\n", undefined], {}, "/srv", [], 500)).error).toMatchObject({ message: "oh" });
});
