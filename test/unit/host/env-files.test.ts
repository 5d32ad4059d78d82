import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { envFiles } from "../../../src/host/env-files.ts";
import { folder } from "../../support/folder.ts";

const values = new Map([
  ["A", "1"],
  ["LINES", "one\ntwo\n"],
  ["EMPTY", ""],
]);

test("reads back what it has written, with mode 0600", async () => {
  await using place = await folder();
  const store = envFiles({ XDG_CONFIG_HOME: place.path });
  expect(store.read("my-app")).toEqual(new Map());
  store.write("my-app", values);
  expect(store.read("my-app")).toEqual(values);
  expect(store.read("other")).toEqual(new Map());
  const file = join(place.path, "oneoff/env/my-app.json");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(place.path, "oneoff/env"))).toEqual(["my-app.json"]);
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual(Object.fromEntries(values));
});

test.each(["{", "[1]", '{"A": 1}', "null", '"text"'])("rejects a file of %s without showing it", async (text) => {
  await using place = await folder();
  const file = join(place.path, "oneoff/env/my-app.json");
  await mkdir(join(place.path, "oneoff/env"), { recursive: true });
  await writeFile(file, text);
  const store = envFiles({ XDG_CONFIG_HOME: place.path });
  expect(() => store.read("my-app")).toThrow(`${file}: expected a JSON object of strings`);
});

test("reads nothing and fails to write without a home folder", () => {
  const store = envFiles({});
  expect(store.read("my-app")).toEqual(new Map());
  expect(() => store.write("my-app", values)).toThrow("HOME");
});

test("keeps no file for an empty environment", async () => {
  await using place = await folder();
  const store = envFiles({ XDG_CONFIG_HOME: place.path });
  store.write("my-app", new Map());
  expect(await readdir(place.path)).toEqual([]);
  store.write("my-app", values);
  store.write("my-app", new Map());
  expect(await readdir(join(place.path, "oneoff/env"))).toEqual([]);
  envFiles({}).write("my-app", new Map());
});

test("names the file that cannot be written", async () => {
  await using place = await folder({ "oneoff/env": "a file where a folder should be" });
  await chmod(place.path, 0o755);
  const store = envFiles({ XDG_CONFIG_HOME: place.path });
  expect(() => store.write("my-app", values)).toThrow("oneoff/env/my-app.json");
});
