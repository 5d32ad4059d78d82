import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { appJsonPath, noProperties, parseAppJsonPath, withProperty } from "../../../src/app/properties.ts";
import { parseProperties, propertiesText } from "../../../src/app/properties-text.ts";
import { cpuTime } from "../../support/cpu-time.ts";

const set = (app: string | undefined, value: string | undefined, before = noProperties) =>
  withProperty(before, app, "appjson-path", value);

describe("computes the effective property", () => {
  test("prefers the app's property to the global property, and that to app.json", () => {
    const all = set(undefined, "all.json");
    const both = set("shop", "shop.json", all);
    expect(appJsonPath(noProperties, "shop")).toEqual({ app: undefined, global: undefined, computed: "app.json" });
    expect(appJsonPath(all, "shop")).toEqual({ app: undefined, global: "all.json", computed: "all.json" });
    expect(appJsonPath(both, "shop")).toEqual({ app: "shop.json", global: "all.json", computed: "shop.json" });
    expect(appJsonPath(both, "blog")).toEqual({ app: undefined, global: "all.json", computed: "all.json" });
    expect(appJsonPath(both, undefined)).toEqual({ app: undefined, global: "all.json", computed: "all.json" });
  });

  test("changes only the property that is set", () => {
    const both = set("shop", "shop.json", set(undefined, "all.json"));
    expect(set("shop", "shop.json", both)).toEqual(both);
    expect(set("shop", undefined, both)).toEqual(set(undefined, "all.json"));
    expect(set(undefined, undefined, both)).toEqual(set("shop", "shop.json"));
    expect(set("blog", undefined, both)).toEqual(both);
    expect(noProperties).toEqual({ global: new Map(), apps: new Map() });
  });
});

describe("parses a path", () => {
  test.each([
    ["app.json", "app.json"],
    [".dokku/app.json", ".dokku/app.json"],
    ["/app.json", "app.json"],
    ["//a//b.json//", "a//b.json"],
    ["./app.json", "./app.json"],
    ["a/../b.json", "a/../b.json"],
    ["..app.json", "..app.json"],
    [".../app.json", ".../app.json"],
    ["a b", "a b"],
    ["~/app.json", "~/app.json"],
    ["é😀.json", "é😀.json"],
  ])("parses the path %s as %s", (given, path) => expect(parseAppJsonPath(given)).toBe(path));

  test.each([
    "..",
    "../app.json",
    "/../app.json",
    "a/../../app.json",
    "./..",
    "a/b/../../..",
    ".",
    "./",
    "a/..",
    "/",
    "///",
    " ",
    "a\nb",
    "a\0b",
    "a\x1b[1mb",
    "a".repeat(4097),
  ])("rejects the path %j", (given) => {
    expect(() => parseAppJsonPath(given)).toThrow(expect.objectContaining({ code: "bad-appjson-path", kind: "usage" }));
  });

  test("parses a long path in linear time", () => {
    const start = cpuTime();
    expect(() => parseAppJsonPath(`${"/".repeat(200_000)}a${"/".repeat(200_000)}\n`)).toThrow();
    expect(cpuTime() - start).toBeLessThan(500);
  });
});

describe("writes the properties file", () => {
  const read = (text: string) => parseProperties(Buffer.from(text), "/p.json");

  test("writes the same file for the same properties in any order", () => {
    const text = propertiesText(set("b", "2", set(undefined, "0", set("a", "1"))));
    expect(text).toBe(propertiesText(set("a", "1", set("b", "2", set(undefined, "0")))));
    expect(JSON.parse(text)).toEqual({
      global: { "appjson-path": "0" },
      apps: { a: { "appjson-path": "1" }, b: { "appjson-path": "2" } },
    });
    expect(text.endsWith("}\n")).toBe(true);
  });

  test.each([
    ["nothing", noProperties],
    ["an app", set("constructor", 'a "b" \\ é😀.json')],
    ["both", set("shop.web", "1", set(undefined, "0"))],
    ["a property of a later oneoff", withProperty(set("shop", "1"), "shop", "procfile-path", "../anything")],
  ])("reads back properties: %s", (_name, properties) => {
    expect(read(propertiesText(properties))).toEqual(properties);
  });

  test.each([
    ["", "/p.json:1:1: expected a map, found nothing"],
    [" \n", "/p.json:1:1: expected a map, found nothing"],
    ["[]", "/p.json:1:1: expected a map, found a list"],
    ["null", "/p.json:1:1: expected a map, found nothing"],
    ['{"apps": {"a": null}}', '/p.json:1:16: "a": expected a map, found nothing'],
    ['{"apps": {"a": {"x": 1}}}', '/p.json:1:22: "x": expected a string, found a number'],
    ['{"apps": {"a": {"__proto__": ""}}}', '/p.json:1:17: "__proto__": expected the name of a property'],
    ['{"app": {}}', '/p.json:1:2: unknown key "app"; did you mean "apps"?'],
    [
      '{"global": {"appjson-path": ""}}',
      '/p.json:1:29: "appjson-path": expected the path of a file below the app\'s folder, found ""',
    ],
    [
      '{"global": {"appjson-path": "/x"}}',
      '/p.json:1:29: "appjson-path": expected the path of a file below the app\'s folder, found "/x"',
    ],
    ['{"global": {}, "apps": {"a": {}, "a": {}}}', '/p.json:1:34: "a" already exists on line 1'],
    ['{"global": {}', '/p.json:1:14: expected "," or "}", found the end of the file'],
  ])("rejects a properties file with %s", (text, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: "bad-properties", message }));
  });
});
