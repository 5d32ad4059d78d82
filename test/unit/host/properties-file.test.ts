import { chmodSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appJsonPath, noProperties, withProperty } from "../../../src/app/properties.ts";
import { processOwner } from "../../../src/host/process-owner.ts";
import { propertiesFile } from "../../../src/host/properties-file.ts";
import { folder } from "../../support/folder.ts";

const owner = processOwner();
const ofHome = (path: string) => propertiesFile({ XDG_CONFIG_HOME: path }, owner);
const set = (path: string, app: string, value: string) =>
  ofHome(path).change((now) => withProperty(now, app, "appjson-path", value));
const computed = (path: string, app: string) => appJsonPath(ofHome(path).read(), app).computed;

test("stores properties below XDG_CONFIG_HOME or ~/.config, in a private file", async () => {
  await using place = await folder();
  const home = join(place.path, "home");
  await propertiesFile({ HOME: home, XDG_CONFIG_HOME: "" }, owner).change((now) =>
    withProperty(now, "shop", "appjson-path", "a.json"),
  );
  const file = join(home, ".config/oneoff/properties.json");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(home, ".config/oneoff")).mode & 0o777).toBe(0o700);
  expect(readdirSync(join(home, ".config/oneoff"))).toEqual(["properties.json"]);
  expect(computed(join(home, ".config"), "shop")).toBe("a.json");
});

test("reads no properties without creating a file", async () => {
  await using place = await folder();
  expect(ofHome(place.path).read()).toEqual(noProperties);
  expect(readdirSync(place.path)).toEqual([]);
  expect(propertiesFile({}, owner).read()).toEqual(noProperties);
});

test("fails to set properties without a home folder", async () => {
  await expect(propertiesFile({}, owner).change((now) => now)).rejects.toMatchObject({
    code: "no-config-folder",
    message: "Cannot store the setting: XDG_CONFIG_HOME and HOME are not set",
  });
});

test("keeps an invalid file unchanged, and leaves no lock", async () => {
  await using place = await folder({ "oneoff/properties.json": '{"apps": {' });
  const file = join(place.path, "oneoff/properties.json");
  expect(() => ofHome(place.path).read()).toThrow(expect.objectContaining({ code: "bad-properties" }));
  await expect(set(place.path, "shop", "a.json")).rejects.toMatchObject({
    code: "bad-properties",
    message: `${file}:1:11: expected a key in double quotes, found the end of the file`,
  });
  expect(readFileSync(file, "utf8")).toBe('{"apps": {');
  expect(readdirSync(join(place.path, "oneoff"))).toEqual(["properties.json"]);
});

test("reports a file that is in the way of the folder", async () => {
  await using place = await folder({ oneoff: "a file" });
  await expect(set(place.path, "shop", "a.json")).rejects.toMatchObject({ code: "unwritable" });
  expect(() => ofHome(place.path).read()).toThrow(expect.objectContaining({ code: "unreadable" }));
});

test("keeps a symlink to a file elsewhere", async () => {
  await using place = await folder({ "dotfiles/oneoff.json": "{}" });
  mkdirSync(join(place.path, "oneoff"));
  symlinkSync("../dotfiles/oneoff.json", join(place.path, "oneoff/properties.json"));
  await set(place.path, "shop", "a.json");
  expect(readlinkSync(join(place.path, "oneoff/properties.json"))).toBe("../dotfiles/oneoff.json");
  expect(JSON.parse(readFileSync(join(place.path, "dotfiles/oneoff.json"), "utf8"))).toEqual({
    global: {},
    apps: { shop: { "appjson-path": "a.json" } },
  });
});

test("makes a readable file private when it changes", async () => {
  await using place = await folder({ "oneoff/properties.json": "{}" });
  chmodSync(join(place.path, "oneoff/properties.json"), 0o644);
  await set(place.path, "shop", "a.json");
  expect(statSync(join(place.path, "oneoff/properties.json")).mode & 0o777).toBe(0o600);
});

test("ignores the partial file and lock of a dead process", async () => {
  await using place = await folder({ "oneoff/properties.json": "{}", "oneoff/properties.json.new": '{"apps": {"sh' });
  symlinkSync(owner.self.replace(/\d+$/, "1"), join(place.path, "oneoff/properties.json.lock"));
  await set(place.path, "shop", "a.json");
  expect(computed(place.path, "shop")).toBe("a.json");
  expect(readdirSync(join(place.path, "oneoff"))).toEqual(["properties.json"]);
});

test("applies all concurrent changes of one process", async () => {
  await using place = await folder();
  await Promise.all(Array.from({ length: 20 }, (_, n) => set(place.path, `app-${n}`, `${n}.json`)));
  expect(ofHome(place.path).read().apps.size).toBe(20);
});
