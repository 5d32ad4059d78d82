import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readSourceFiles, type SourcePaths } from "../../../../src/deploy/image/source-files.ts";
import { folder } from "../../../support/folder.ts";

const files = { readFile: (path: string) => readFileSync(path) };
const NOTHING = { scripts: {}, env: new Map(), formation: new Map(), healthchecks: new Map() };
const APP_JSON = '{"scripts": {"dokku": {"predeploy": "make"}}, /* and */ }';

/** What is read from a folder with these files. */
async function reading(content: Record<string, string>, paths: (folder: string) => Partial<SourcePaths> = () => ({})) {
  await using here = await folder(content);
  const relative = (text: string) => text.replace(`${here.path}/`, "");
  try {
    const read = readSourceFiles(here.path, { appJsonPath: "app.json", ...paths(here.path) }, files);
    const { procfile, appJson } = read.searchedPaths;
    return { ...read, searchedPaths: [relative(procfile), relative(appJson)] };
  } catch (error) {
    return { error: { code: (error as { code?: string }).code, message: relative((error as Error).message) } };
  }
}

describe("of a source tree", () => {
  test("both are read, at its root", async () =>
    expect(await reading({ Procfile: "web: puma\nrelease: rake\n", "app.json": APP_JSON })).toEqual({
      procfile: new Map([
        ["web", "puma"],
        ["release", "rake"],
      ]),
      appJson: { ...NOTHING, scripts: { predeploy: "make" } },
      searchedPaths: ["Procfile", "app.json"],
    }));

  test("neither needs to be there", async () =>
    expect(await reading({})).toEqual({
      procfile: new Map(),
      appJson: NOTHING,
      searchedPaths: ["Procfile", "app.json"],
    }));

  test("app.json is where the property says, and nowhere else", async () => {
    const at = () => ({ appJsonPath: ".dokku/app.json" });
    expect(await reading({ ".dokku/app.json": APP_JSON }, at)).toMatchObject({
      appJson: { scripts: { predeploy: "make" } },
      searchedPaths: ["Procfile", ".dokku/app.json"],
    });
    expect(await reading({ "app.json": APP_JSON }, at)).toMatchObject({
      appJson: NOTHING,
      searchedPaths: ["Procfile", ".dokku/app.json"],
    });
    expect(await reading({ ".dokku": "a file" }, at)).toMatchObject({ appJson: NOTHING });
  });

  test("both are where oneoff.yaml says", async () =>
    expect(
      await reading({ "x/P": "a: b", "x/a.json": APP_JSON, Procfile: "no: no", "app.json": "{}" }, (folder) => ({
        procfile: { path: join(folder, "x/P") },
        appJson: join(folder, "x/a.json"),
      })),
    ).toMatchObject({
      procfile: new Map([["a", "b"]]),
      appJson: { scripts: { predeploy: "make" } },
      searchedPaths: ["x/P", "x/a.json"],
    }));

  test("commands may be in oneoff.yaml itself", async () =>
    expect(await reading({ Procfile: "no: no" }, () => ({ procfile: new Map([["path", "ls"]]) }))).toMatchObject({
      procfile: new Map([["path", "ls"]]),
      searchedPaths: ["oneoff.yaml", "app.json"],
    }));
});

describe("what is garbled, or cannot be read", () => {
  test.each<[what: string, content: Record<string, string>, code: string, message: string]>([
    [
      "a Procfile",
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
      "an app.json",
      { "app.json": '{\n "scripts": 1}' },
      "bad-app-json",
      'app.json:2:13: "scripts": expected a map, found a number',
    ],
    ["a folder for a Procfile", { "Procfile/a": "" }, "unreadable", 'Procfile "Procfile": is a folder'],
    ["a folder for an app.json", { "app.json/a": "" }, "unreadable", 'app.json "app.json": is a folder'],
  ])("%s", async (_what, content, code, message) =>
    expect(await reading(content)).toMatchObject({ error: { code, message: expect.stringContaining(message) } }),
  );

  test("a Procfile that oneoff.yaml names must be there", async () =>
    expect(await reading({}, (folder) => ({ procfile: { path: join(folder, "x") } }))).toEqual({
      error: { code: "unreadable", message: 'procfile "x": no such file' },
    }));

  test("an app.json that it names need not", async () =>
    expect(await reading({}, (folder) => ({ appJson: join(folder, "x") }))).toMatchObject({
      appJson: NOTHING,
      searchedPaths: ["Procfile", "x"],
    }));
});
