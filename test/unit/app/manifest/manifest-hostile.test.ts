// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such strings are what is tested
import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { parseManifest } from "../../../../src/app/manifest/manifest.ts";

const size = 128 * 1024;
const fill = (text: string) => text.repeat(Math.floor(size / text.length));
const lines = (line: (n: number) => string, count: number) => Array.from({ length: count }, (_, n) => line(n)).join("");

/** Files on which the YAML library, or one of oneoff's patterns, took superlinear time. */
const hostile: Readonly<Record<string, string>> = {
  "open brackets": fill("["),
  "closing brackets": fill("]"),
  "open braces": fill("{"),
  quotes: fill('"'),
  "bad escapes": `"${fill("\\q").slice(2)}"`,
  "flow keys": `{${fill("a,").slice(2)}}`,
  "flow question marks": `[${fill("? ").slice(2)}`,
  "one key again and again": fill("a: 1\n"),
  "merge keys": fill("<<: {}\n"),
  anchors: `a: ${fill("&a ").slice(3)}`,
  tags: fill("!!str "),
  directives: fill("%A\n"),
  documents: fill("---\n"),
  "reserved characters": fill("a: @\n"),
  "nested lists": lines(() => `${"- ".repeat(30)}x\n`, 2000),
  steps: lines((n) => `${" ".repeat(n)}a:\n`, 500),
  "an alias for a list of itself": `&a [${fill("*a,").slice(6)}]`,
  "a long text by alias": `app: a\nimage: i\nenv: {A0: &x "${"$HOME".repeat(10_000)}",${lines((n) => `B${n}: *x,`, 6000)}}`,
  "a long variable often": `app: a\nimage: i\nenv: {A: "${"$LONG".repeat(20_000)}"}`,
  "nested defaults": `app: a\nimage: "${"${A:-".repeat(20_000)}"`,
  digits: `app: a\nimage: i\nrun: {cpus: "${"1".repeat(100_000)}x"}`,
  "a command with NUL at its end": `app: a\nimage: i\nprocfile: {web: "${"x".repeat(100_000)}\\0"}`,
  "a path of an image": `app: a\nimage: "${"a-".repeat(60_000)}"`,
};

test.each(Object.entries(hostile))("rejects a hostile file in bounded time: %s", (_name, text) => {
  const before = process.cpuUsage();
  const variables = { HOME: "/home/me", LONG: "x".repeat(100_000) };
  expect(() => parseManifest(Buffer.from(text.slice(0, size)), "oneoff.yaml", variables)).toThrow(
    expect.objectContaining({ code: "bad-manifest" }),
  );
  // CPU time, not wall time: a busy machine must not fail the test.
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1e6).toBeLessThan(2);
});

test("reads a large valid file", () => {
  const text = `app: a\nimage: i\nenv:\n${lines((n) => `  VARIABLE_${n}: "value of ${n}, $HOME"\n`, 3000)}`;
  const { apps } = parseManifest(Buffer.from(text), "oneoff.yaml", { HOME: "/home/me" });
  expect(apps.get("a")?.env?.size).toBe(3000);
});
