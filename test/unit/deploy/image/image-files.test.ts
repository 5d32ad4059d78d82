import { describe, expect, test } from "vitest";
import { readImageFiles } from "../../../../src/deploy/image/image-files.ts";
import type { SourcePaths } from "../../../../src/deploy/image/source-files.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { NO_LABELS } from "../../../../src/identity/ownership.ts";
import { answerArchive, answerStat, GO_MODE, type Stat, tarOf } from "../../../support/archive.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

/** What the image has where it is looked, in turn: a text, or what is there instead of a file. */
type There = string | Stat | undefined;

const NOTHING = { scripts: {}, env: new Map(), formation: new Map(), healthchecks: new Map() };
const files = {
  readFile: (path: string) => Buffer.from(path === "/here/P" ? "local: ls" : '{"scripts":{"postdeploy":"seed"}}'),
};

async function reading(
  there: readonly There[],
  paths: Partial<SourcePaths> = {},
  workingDir = "/srv",
  Env: readonly string[] = [],
  removal = 204,
) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.always("GET /images/shop:v7/json", 200, { Id: "sha256:7", Config: { WorkingDir: workingDir, Env } });
  engine.always("POST /containers/create", 201, { Id: "c" });
  engine.always("DELETE /containers/c", removal, removal === 204 ? undefined : { message: "oh" });
  const looked: (string | undefined)[] = [];
  const serving = (async () => {
    for (const one of there) {
      looked.push(await answerStat(engine, typeof one === "string" ? {} : one));
      if (typeof one === "string") await answerArchive(engine, await tarOf([{ name: "x" }, one]));
    }
  })();
  const context = { engine: transport, owner: "here:1", files };
  const outcome = await readImageFiles(
    context,
    { app: "shop", image: "shop:v7" },
    { appJsonPath: "app.json", ...paths },
  ).then(
    (read) => ({ read, error: undefined }),
    (error) => ({ read: undefined, error }),
  );
  await serving;
  const made = engine.requests
    .filter(({ path }) => path === "/containers/create")
    .map(({ query, body }) => {
      expect(body.Labels["dev.oneoff.container"]).toBe(query.name);
      return body;
    });
  return { ...outcome, looked, made, last: engine.lines.at(-1) };
}

test("both are read from the image's working folder, in one container that is removed and never started", async () => {
  expect(await reading(["web: puma\n", '{"scripts":{"dokku":{"predeploy":"make"}}}'])).toEqual({
    read: {
      procfile: new Map([["web", "puma"]]),
      appJson: { ...NOTHING, scripts: { predeploy: "make" } },
      searchedPaths: { procfile: "/srv/Procfile of the image", appJson: "/srv/app.json of the image" },
    },
    error: undefined,
    looked: ["/srv/Procfile", "/srv/app.json"],
    made: [
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

test("neither needs to be there", async () =>
  expect((await reading([undefined, undefined])).read).toMatchObject({ procfile: new Map(), appJson: NOTHING }));

test("without a working folder the root is looked in, and app.json where the property says", async () =>
  expect((await reading([undefined, undefined], { appJsonPath: "x/a.json" }, "")).looked).toEqual([
    "/Procfile",
    "/x/a.json",
  ]));

test("a symlink is followed", async () => {
  const { read, looked } = await reading([
    { mode: GO_MODE.symlink, linkTarget: "/etc/P" },
    "web: puma\n",
    { mode: GO_MODE.symlink, linkTarget: "/nowhere" },
    undefined,
  ]);
  expect(read).toMatchObject({ procfile: new Map([["web", "puma"]]), appJson: NOTHING });
  expect(looked).toEqual(["/srv/Procfile", "/etc/P", "/srv/app.json", "/nowhere"]);
});

describe("what oneoff.yaml names is read here", () => {
  test("one of them", async () =>
    expect(await reading(["web: puma\n"], { appJson: "/here/app.json" })).toMatchObject({
      read: {
        procfile: new Map([["web", "puma"]]),
        appJson: { scripts: { firstPostdeploy: "seed" } },
        searchedPaths: { procfile: "/srv/Procfile of the image", appJson: "/here/app.json" },
      },
    }));

  test("both: the image is not looked into", async () =>
    expect(await reading([], { appJson: "/here/app.json", procfile: { path: "/here/P" } })).toMatchObject({
      read: { procfile: new Map([["local", "ls"]]) },
      made: [],
    }));
});

describe("the container is removed, too, when a file", () => {
  test("is garbled", async () =>
    expect(await reading(["web\n", undefined])).toMatchObject({
      error: { code: "bad-procfile", message: '/srv/Procfile of the image:1: expected "name: command", found "web"' },
      last: "DELETE /containers/c?force=1&v=1",
    }));

  test("is a folder", async () =>
    expect(await reading([{ mode: GO_MODE.directory }])).toMatchObject({
      error: { code: "unreadable", message: 'Cannot read "/srv/Procfile of the image": is a folder' },
      last: "DELETE /containers/c?force=1&v=1",
    }));
});

test("an image of herokuish has them in /app unless it has a WORKDIR", async () =>
  expect((await reading([undefined, undefined], {}, "", ["USER=herokuishuser"])).looked).toEqual([
    "/app/Procfile",
    "/app/app.json",
  ]));

test.each([404, 409])("a container that somebody else removes meanwhile (%i) does not matter", async (removal) => {
  const { read } = await reading(["web: puma\n", undefined], {}, "/srv", [], removal);
  expect(read?.procfile).toEqual(new Map([["web", "puma"]]));
  // What cannot be removed is said.
  expect((await reading(["web: puma\n", undefined], {}, "/srv", [], 500)).error).toMatchObject({ message: "oh" });
});
