// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such strings are what is tested
import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { parseManifest } from "../../../../src/app/manifest/manifest.ts";
import { manifestExample, written } from "../../../../src/app/manifest/manifest-example.ts";
import { manifestJsonSchema } from "../../../../src/app/manifest/manifest-json-schema.ts";
import { appKeys } from "../../../../src/app/manifest/manifest-keys.ts";
import type { Json, Key } from "../../../../src/app/schema/schema.ts";
import { complaints } from "../../../support/json-schema.ts";

const parse = (text: string) =>
  parseManifest(Buffer.from(text), "/srv/oneoff.yaml", { HOME: "/home/me" }, new Set(["run"]));
const read = (text: string) => parse(text).apps;
const keys = Object.entries<Key<unknown>>(appKeys);
const schema = manifestJsonSchema();

/** An app with one key, and an image if the key needs one. */
const withKey = (name: string, example: string) =>
  `app: shop\n${["image", "build", "from"].includes(name) ? "" : "image: i\n"}${["secrets", "configs"].includes(name) ? "swarm: true\n" : ""}${written(name, example)}\n`;
const examples = keys.flatMap(([name, { examples }]) => examples.map((example) => withKey(name, example)));

describe("documents an example", () => {
  const example = manifestExample();

  test("parses the example without mistakes", () => {
    const app = read(example).get("shop");
    expect(parse(example).aliases).toEqual(
      new Map([
        ["console", ["run", "shop", "bin/rails", "console"]],
        ["psql", ["run", "shop", 'psql "$DATABASE_URL"']],
      ]),
    );
    expect(app?.warnings).toEqual([]);
    expect(app).toMatchObject({
      image: "registry.example/shop:latest",
      procfile: new Map([
        ["web", "bundle exec puma -p $PORT"],
        ["console", "bin/rails console"],
      ]),
      binds: ["uploads:/app/uploads", "/srv/config:/app/config:ro"],
      run: { memory: 512 * 2 ** 20, nanoCpus: 1.5e9, pidsLimit: 200, timeout: 3600 },
    });
  });

  test("documents every key with description, type and default", () => {
    expect(example).toContain("    # Type: boolean. Default: true.\n    init: true\n");
    for (const [name, { about }] of keys) {
      expect(example.replaceAll("\n    # ", " ")).toContain(`${about} Type: `);
      expect(example).toMatch(new RegExp(`^ {4}(# )?${name}:`, "m"));
    }
    for (const name of ["memory", "cpus", "pids-limit", "timeout", "log"]) {
      expect(example).toMatch(new RegExp(`^ {6}${name}:`, "m"));
    }
  });

  test("fits a terminal, without trailing spaces", () => {
    for (const line of example.split("\n")) {
      expect(line.length).toBeLessThanOrEqual(100);
      expect(line).not.toMatch(/\s$/);
    }
  });

  test.each(["build", "phase-timeout"])("documents the keys of %s in comments that parse too", (name) => {
    const [, block = ""] = new RegExp(`\n((?: {4}# )${name}:\n(?: {4}# {3,}.*\n)+)`).exec(example) ?? [];
    const text = block.replaceAll(/^ {4}# /gm, "");
    expect([...read(`app: shop\n${name === "build" ? "" : "image: i\n"}${text}`).keys()]).toEqual(["shop"]);
  });

  test("ends with a short form that parses too", () => {
    const short = example
      .split("\n")
      .filter((line) => line.startsWith("#   "))
      .map((line) => line.slice(4));
    expect([...read(short.join("\n")).keys()]).toEqual(["shop"]);
  });
});

test.each(examples)("parses the example %j, which the JSON Schema accepts", (text) => {
  expect([...read(text).keys()]).toEqual(["shop"]);
  expect(complaints(schema, parseYaml(text))).toEqual([]);
});

describe("generates a JSON Schema", () => {
  test("names its draft and the file in the JSON Schema", () =>
    expect(schema).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema", title: "oneoff.yaml" }));

  test("has the parser's keys in the JSON Schema", () => {
    const { then: one, else: many } = schema as { then: Json; else: Json };
    const { apps, aliases, hosts, ...others } = many.properties as Record<
      string,
      { patternProperties: Record<string, Json> }
    >;
    const [app] = Object.values(apps?.patternProperties ?? {});
    expect(Object.keys(one.properties as object)).toEqual(["app", "aliases", "hosts", ...Object.keys(appKeys)]);
    expect(others).toEqual({});
    expect(one.properties).toMatchObject({ aliases, hosts });
    expect(Object.keys(app?.properties as object)).toEqual(Object.keys(appKeys));
  });

  test("describes every key in the JSON Schema, forbids others, and has valid patterns", () => {
    let objects = 0;
    const walk = (part: unknown): void => {
      if (typeof part !== "object" || part === null) return;
      const { type, additionalProperties, properties, pattern, patternProperties } = part as Json;
      if (type === "object") {
        objects++;
        expect(additionalProperties).toBe(false);
      }
      for (const property of Object.values((properties ?? {}) as Record<string, Json>)) {
        expect(property.description).toMatch(/\.$/);
      }
      for (const source of [pattern, ...Object.keys(patternProperties ?? {})]) {
        if (typeof source === "string") expect(() => new RegExp(source, "u")).not.toThrow();
      }
      for (const inner of Object.values(part)) walk(inner);
    };
    walk(schema);
    expect(objects).toBeGreaterThan(10);
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  });

  test.each(["apps: {}", "{}", "apps: {a: {image: i}, b: {from: 'dokku:x', image: '${HOME:+i}'}}"])(
    "accepts %j by the JSON Schema",
    (text) => {
      read(text);
      expect(complaints(schema, parseYaml(text))).toEqual([]);
    },
  );

  test("accepts the example by the JSON Schema", () =>
    expect(complaints(schema, parseYaml(manifestExample()))).toEqual([]));

  test.each([
    "[]",
    "services: {}",
    "app: A\nimage: i",
    "app: a",
    "app: a\nimage: i\napps: {}",
    "apps: {A: {image: i}}",
    "apps: {a: {}}",
    "apps: {a: {image: i, build: .}}",
    "apps: {a: {from: 'dokku:x', build: .}}",
    "app: a\nimage: 5",
    "app: a\nimage: a b",
    "app: a\nimage: i\nimgae: i",
    "app: a\nimage: i\nenv: {A B: c}",
    "app: a\nimage: i\nenv: {A: }",
    "app: a\nimage: i\nenv: [A]",
    "app: a\nimage: i\nnetworks: []",
    "app: a\nimage: i\nmounts: [{source: x}]",
    "app: a\nimage: i\nmounts: [{target: /x, readonly: true}]",
    "app: a\nimage: i\ninit: 1",
    "app: a\nimage: i\nrun: {mem: 5m}",
    "app: a\nimage: i\nrun: {log: {}}",
    "app: a\nimage: i\nsizes: {S: {cpus: 1}}",
    "app: a\nimage: i\nformation: {web: {count: 1}}",
    "app: a\nimage: i\nswarm: true\nsecrets: {a: b}",
    "app: a\nimage: i\nswarm: true\nsecrets: [{target: b}]",
    "app: a\nimage: i\nswarm: true\nconfigs: [a b]",
    "hosts: {node2: node2}",
  ])("rejects %j by the JSON Schema like the parser", (text) => {
    expect(() => read(text)).toThrow();
    expect(complaints(schema, parseYaml(text))).not.toEqual([]);
  });
});
