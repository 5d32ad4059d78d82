import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { parseAppJson } from "../../../src/app/app-json.ts";
import { commandHelp } from "../../../src/cli/command-help.ts";
import { loadCommands, WITHOUT_COMMAND } from "../../../src/cli/commands.ts";
import { help } from "../../../src/cli/help.ts";
import { parseLightText } from "../../../src/cli/topics/light-text.ts";
import { TOPICS } from "../../../src/cli/topics/topics.ts";

const COMMANDS = await loadCommands();

const tooWide = (text: string) => text.split("\n").filter((line) => line.length > 80);

test("oneoff help fits a screen of 50 lines and 80 columns, with a prompt below", async () => {
  const text = await help([], 200);
  expect(text.split("\n").length).toBeLessThanOrEqual(49);
  expect(tooWide(text)).toEqual([]);
});

describe("aliases of oneoff.yaml", () => {
  const aliases = (count: number) =>
    new Map(
      Array.from({ length: count }, (_, n) => [
        `alias-${n}`,
        ["run", "my-app", "x".repeat(n === 0 ? 100 : 1), "--password=hunter2"],
      ]),
    );

  test("lists at most 8 aliases on lines of 80 columns, without secrets", async () => {
    const text = await help([], 80, aliases(10));
    const [, section] = /\nAliases of oneoff\.yaml\n((?: {2}.*\n)+)/.exec(text) ?? [];
    const rows = section?.trimEnd().split("\n") ?? [];
    expect(rows).toHaveLength(9);
    expect(rows[1]).toMatch(/^ {2}alias-1 +run my-app x '--password=\*\*\*'$/);
    expect(rows.at(-1)).toMatch(/^ {2}… +and 2 more$/);
    expect(tooWide(text)).toEqual([]);
  });

  test("has no section without aliases", async () =>
    expect(await help([], 80)).not.toContain("Aliases of oneoff.yaml"));

  test("prints the line of an alias, also with the name of another tool's command", async () =>
    expect(await help(["console"], 80, new Map([["console", ["run", "web", "a b"]]]))).toBe(
      "oneoff console runs: oneoff run web 'a b' …\n",
    ));
});

test("oneoff help topics lists every topic", async () => {
  const text = (await help(["topics"])).replaceAll(/\s+/g, " ");
  for (const [name, { about }] of TOPICS) expect(text).toContain(`oneoff help ${name} ${about}`);
});

describe.each([...COMMANDS])("%s", (name, command) => {
  test("describes the command by an imperative of at most 60 characters", () =>
    expect(command.describe).toMatch(/^(?=.{10,60}$)[A-Z][a-z]+ .*[^.]$/));

  test("prints help that fits 80 columns", async () => expect(tooWide(await commandHelp(command, 200))).toEqual([]));

  test("prints a placeholder for every value", () => {
    for (const [option, { type, placeholder }] of Object.entries(command.options))
      expect(`${option} ${placeholder !== undefined}`).toBe(`${option} ${type === "string"}`);
  });

  test("names only topics that exist", async () => {
    if (command.topic === undefined) return;
    expect([...TOPICS.keys()]).toContain(command.topic);
    expect(await help([name])).toContain(command.topic);
  });
});

test("prints an option with its placeholder, its default and no type", async () => {
  const text = await help(["run"]);
  expect(text).toMatch(/^ {2}-e, --env NAME\[=VALUE\] +Set an environment variable/m);
  expect(text).toMatch(/^ {6}--pull\[=WHEN\] +Pull /m);
  expect(text).toMatch(/^ {6}--retain DURATION +.* \(default 24h\)$/m);
  expect(text).not.toMatch(/\[(?:string|boolean|array)\]/);
});

test("puts the help of a command before a topic of the same name", async () => {
  const text = await help(["deploy"], 100);
  expect(text).toMatch(
    /^Usage: oneoff deploy \[options\][\s\S]*\nExit codes:\n[\s\S]*\nSteps, failures, health checks and releases of a deploy:\n[\s\S]*\nSteps\n/,
  );
  expect(text).not.toContain("See also:");
});

test("explains the command where a topic and the first part of a command have one name", async () => {
  expect(await help(["app-json", "set"], 100)).toMatch(/^Usage: oneoff app-json:set /);
  expect(await help(["app-json"], 100)).toMatch(/^app\.json declares /);
});

test("shows an app.json that is parsed", () => {
  const [lines] = parseLightText(TOPICS.get("app-json")?.text(COMMANDS) ?? "").filter(({ kind }) => kind === "lines");
  const text = lines?.kind === "lines" ? lines.lines.join("\n") : "";
  const { env, formation, healthchecks, scripts } = parseAppJson(Buffer.from(text));
  expect(Object.keys(scripts)).toEqual(["predeploy", "postdeploy", "firstPostdeploy"]);
  expect([env.size, formation.size, healthchecks.size]).toEqual([2, 1, 2]);
});

test("prints the overview for help and version", async () => {
  for (const name of ["help", "version"]) {
    expect(WITHOUT_COMMAND.has(name)).toBe(true);
    expect(await help([name])).toBe(await help([]));
  }
});
