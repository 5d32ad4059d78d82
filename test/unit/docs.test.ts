import { existsSync, readFileSync } from "node:fs";
import { glob, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadCommands } from "../../src/cli/commands.ts";
import { TOPICS } from "../../src/cli/topics/topics.ts";

const COMMANDS = await loadCommands();

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (file: string) => readFileSync(join(root, file), "utf8");

const pages = await Array.fromAsync(
  glob(["*.md", "docs/*.md", "examples/*/README.md"], { cwd: root, exclude: ["CHANGELOG.md"] }),
);

const matches = (text: string, pattern: RegExp) => Array.from(text.matchAll(pattern), ([, match = ""]) => match);

test.each(pages)("%s links to files that exist", (page) => {
  const links = matches(read(page), /\]\(([^)#:]+)\)/g);
  expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
});

test.each(pages)("%s names files that exist", (page) => {
  const paths = matches(read(page), /`((?:src|test|build|docs|examples)\/[\w./-]*)`/g);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

/** The options of a command line before its first argument: after an app may follow the user's command. */
const optionsOf = (args: string) => matches(/^(?: --?[\w-]+(?:=\S+)?)*/.exec(args)?.[0] ?? "", / --([\w-]+)/g);

/** What is wrong about a line such as `oneoff run --detach web`. @param args all after the command. */
function mistakesIn(name: string, args: string): string[] {
  if (name === "help") {
    const topic = /^ ([\w-]+)/.exec(args)?.[1];
    return topic === undefined || TOPICS.has(topic) || COMMANDS.has(topic) ? [] : [`no topic ${topic}`];
  }
  const command = COMMANDS.get(name);
  if (!command) return [`no command ${name}`];
  return optionsOf(args).flatMap((option) => (option in command.options ? [] : [`no option --${option} of ${name}`]));
}

test.each(pages)("%s uses commands, options and topics that exist", (page) => {
  const text = read(page);
  const spans = matches(text, /`(oneoff [^`\n]+)`/g);
  const lines = matches(text, /^(?: {4}|\$ .*?\b)(oneoff .*)$/gm);
  const mistakes = [...spans, ...lines].flatMap((line) =>
    Array.from(line.matchAll(/(?:^|[;|(] ?)oneoff ([a-z][a-z:-]*)([^;|)#]*)/g), ([, name = "", args = ""]) =>
      mistakesIn(name, args),
    ).flat(),
  );
  expect(mistakes).toEqual([]);
});

/** A file or folder in backticks, relative to `src` or to the folder of its row. */
const LOCAL_PATH = /`(?!src\/|test\/|build\/)((?:\w[\w-]*\/)+|(?:[\w-]+\/)*[\w-]+\.ts)`/g;

test("names only files that exist in the architecture", () => {
  const paths = read("docs/architecture.md")
    .split("\n")
    .flatMap((line) => {
      const folder = /^\| `src\/(\w+\/)` \|/.exec(line)?.[1] ?? "";
      return matches(line, LOCAL_PATH).map((path) => folder + path);
    });
  expect(paths.length).toBeGreaterThan(30);
  expect(paths.filter((path) => !["src", "test"].some((base) => existsSync(join(root, base, path))))).toEqual([]);
});

test("has a row of the architecture for each folder of src", async () => {
  const rows = matches(read("docs/architecture.md"), /^\| `src\/(\w+)\/` \|/gm);
  const entries = await readdir(join(root, "src"), { withFileTypes: true });
  expect(rows.sort()).toEqual(entries.flatMap((entry) => (entry.isDirectory() ? entry.name : [])).sort());
});

test("keeps the README within 150 lines", () => {
  expect(read("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(150);
});

test("tests every example", async () => {
  const text = read("test/e2e/examples.test.ts");
  const examples = await readdir(join(root, "examples"));
  expect(examples.filter((name) => !text.includes(`"${name}"`))).toEqual([]);
});
