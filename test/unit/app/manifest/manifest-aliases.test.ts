import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { parseManifest } from "../../../../src/app/manifest/manifest.ts";

const COMMANDS = new Set(["run", "exec", "logs", "ps:stop"]);
const parse = (text: string) => parseManifest(Buffer.from(text), "/srv/oneoff.yaml", {}, COMMANDS);
const mistake = (aliases: string) => {
  try {
    parse(`aliases: ${aliases}`);
  } catch (error) {
    return (error as Error).message.replace("/srv/oneoff.yaml:", "");
  }
  return undefined;
};

test.each<[line: string, words: string[]]>([
  ["run web bin/rails console", ["run", "web", "bin/rails", "console"]],
  ["run web 'ls | wc -l'", ["run", "web", "ls | wc -l"]],
  ['run -e "A=b c" web env', ["run", "-e", "A=b c", "web", "env"]],
  // A shell has commands with these names.
  ["exec web sh", ["exec", "web", "sh"]],
  ["logs -f web", ["logs", "-f", "web"]],
])("splits the line %j as a shell does", (line, words) => {
  const aliases = `aliases: {a: ${JSON.stringify(line)}}`;
  for (const text of [`app: web\nimage: i\n${aliases}`, `${aliases}\napps: {web: {image: i}}`])
    expect(parse(text)).toMatchObject({ apps: new Map([["web", {}]]), aliases: new Map([["a", words]]) });
});

test("keeps variables in quotes for a shell in the container", () =>
  expect(parse(`aliases: {a: "run web 'echo $HOME'"}`).aliases?.get("a")).toEqual(["run", "web", "echo $HOME"]));

test.each([
  ["{run: run web}", '1:11: "run" is a command of oneoff and cannot be an alias'],
  ["{a: b, b: run web}", '1:14: "a": expected a command of oneoff, found an alias'],
  ["{a: a}", '1:14: "a": expected a command of oneoff, found an alias'],
  ["{a: bin/rails}", '1:14: "a": expected a command of oneoff such as "run my-app …"'],
  ["{a: rnu web}", '1:14: "a": expected a command of oneoff such as "run my-app …"; did you mean "run"?'],
  ["{a: -H x run web}", '1:14: "a": expected a command of oneoff such as "run my-app …"'],
  ["{a: oneoff run web}", '1:14: "a": expected a command such as "run my-app …", without "oneoff" before it'],
  ["{a: run web | cat}", expect.stringContaining('1:14: "a": expected arguments without shell syntax')],
  ["{a: run $APP}", expect.stringContaining('1:14: "a": expected arguments without shell syntax')],
  ["{a: run 'web}", expect.stringContaining('1:14: "a": expected arguments without shell syntax')],
  ["{a b: run web}", expect.stringContaining('1:11: "a b": expected the name of an alias')],
  ["{-a: run web}", expect.stringContaining('1:11: "-a": expected the name of an alias')],
  ["[run]", '1:10: "aliases": expected a map, found a list'],
])("reports the mistake in %s", (aliases, problem) => expect(mistake(aliases)).toEqual(problem));

test("does not print the line, which may have a secret", () =>
  expect(mistake("{a: hunter2 --password=hunter2}")).not.toContain("hunter2"));
