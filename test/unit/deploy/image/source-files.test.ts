import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readSourceFiles, type SourcePaths } from "../../../../src/deploy/image/source-files.ts";
import { folder } from "../../../support/folder.ts";

const files = { readFile: (path: string) => readFileSync(path) };
const NOTHING = { scripts: {}, env: new Map(), formation: new Map(), healthchecks: new Map(), cron: [] };
const APP_JSON = '{"scripts": {"dokku": {"predeploy": "make"}}, /* and */ }';

/** Reads the files of a folder with this content. */
async function read(content: Record<string, string>, paths: (folder: string) => Partial<SourcePaths> = () => ({})) {
  await using here = await folder(content);
  const relative = (text: string) => text.replace(`${here.path}/`, "");
  try {
    const result = readSourceFiles(here.path, { appJsonPath: "app.json", ...paths(here.path) }, files);
    const { procfile, appJson } = result.searchedPaths;
    return { ...result, searchedPaths: [relative(procfile), relative(appJson)] };
  } catch (error) {
    return { error: { code: (error as { code?: string }).code, message: relative((error as Error).message) } };
  }
}

describe("readSourceFiles", () => {
  test("reads both files from the root", async () =>
    expect(await read({ Procfile: "web: puma\nrelease: rake\n", "app.json": APP_JSON })).toEqual({
      procfile: new Map([
        ["web", "puma"],
        ["release", "rake"],
      ]),
      appJson: { ...NOTHING, scripts: { predeploy: "make" } },
      searchedPaths: ["Procfile", "app.json"],
    }));

  test("accepts a folder without both files", async () =>
    expect(await read({})).toEqual({
      procfile: new Map(),
      appJson: NOTHING,
      searchedPaths: ["Procfile", "app.json"],
    }));

  test("reads app.json from appjson-path only", async () => {
    const at = () => ({ appJsonPath: ".dokku/app.json" });
    expect(await read({ ".dokku/app.json": APP_JSON }, at)).toMatchObject({
      appJson: { scripts: { predeploy: "make" } },
      searchedPaths: ["Procfile", ".dokku/app.json"],
    });
    expect(await read({ "app.json": APP_JSON }, at)).toMatchObject({
      appJson: NOTHING,
      searchedPaths: ["Procfile", ".dokku/app.json"],
    });
    expect(await read({ ".dokku": "a file" }, at)).toMatchObject({ appJson: NOTHING });
  });

  test("reads both files from paths in oneoff.yaml", async () =>
    expect(
      await read({ "x/P": "a: b", "x/a.json": APP_JSON, Procfile: "no: no", "app.json": "{}" }, (folder) => ({
        procfile: { path: join(folder, "x/P") },
        appJson: join(folder, "x/a.json"),
      })),
    ).toMatchObject({
      procfile: new Map([["a", "b"]]),
      appJson: { scripts: { predeploy: "make" } },
      searchedPaths: ["x/P", "x/a.json"],
    }));

  test("reads commands from oneoff.yaml", async () =>
    expect(await read({ Procfile: "no: no" }, () => ({ procfile: new Map([["path", "ls"]]) }))).toMatchObject({
      procfile: new Map([["path", "ls"]]),
      searchedPaths: ["oneoff.yaml", "app.json"],
    }));
});

describe("invalid files", () => {
  test.each<[what: string, content: Record<string, string>, code: string, message: string]>([
    [
      "an invalid Procfile",
      { Procfile: "web: a\nworker\n" },
      "bad-procfile",
      'Procfile:2: expected "name: command", found "worker"',
    ],
    [
      "an empty Procfile",
      { Procfile: "# none\n" },
      "bad-procfile",
      'Procfile: expected at least one "name: command" line, found none',
    ],
    [
      "an invalid app.json",
      { "app.json": '{\n "scripts": 1}' },
      "bad-app-json",
      'app.json:2:13: "scripts": expected a map, found a number',
    ],
    ["a folder for a Procfile", { "Procfile/a": "" }, "unreadable", 'Procfile "Procfile": is a folder'],
    ["a folder for an app.json", { "app.json/a": "" }, "unreadable", 'app.json "app.json": is a folder'],
  ])("rejects %s", async (_what, content, code, message) =>
    expect(await read(content)).toMatchObject({ error: { code, message: expect.stringContaining(message) } }),
  );

  test("requires a Procfile that oneoff.yaml names", async () =>
    expect(await read({}, (folder) => ({ procfile: { path: join(folder, "x") } }))).toEqual({
      error: { code: "unreadable", message: 'procfile "x": no such file' },
    }));

  test("accepts a missing app.json that oneoff.yaml names", async () =>
    expect(await read({}, (folder) => ({ appJson: join(folder, "x") }))).toMatchObject({
      appJson: NOTHING,
      searchedPaths: ["Procfile", "x"],
    }));
});
