import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { commandHelp } from "../../src/cli/command-help.ts";
import { loadCommands } from "../../src/cli/commands.ts";
import { help } from "../../src/cli/help.ts";
import { parseLightText } from "../../src/cli/topics/light-text.ts";
import type { Topic } from "../../src/cli/topics/topic.ts";
import { TOPICS } from "../../src/cli/topics/topics.ts";

const COMMANDS = await loadCommands();

/** Words that readers of docker's, gh's and kubectl's texts do not expect, and what to write instead. */
const WORDS: readonly [words: RegExp, instead: string][] = [
  [/\bmend(s|ed|ing)?\b/i, "fix"],
  [/\banew\b/i, "again, or a verb with re-"],
  [/\bonce more\b/i, "again"],
  [/\b(has|have|had) gone\b(?! wrong)/i, "exited, was removed, was closed"],
  [/\bin (the |its |their )?places? of\b/i, "replaces, instead of"],
  [/\b(takes?|took|taking) (its|their|the) places?\b/i, "replaces"],
  [/\b(whoever|whomever|nobody|somebody|anybody|everybody)\b/i, "a subject: the user, the engine, oneoff"],
  [/\bno one\b(?!-)/i, "a subject: the user, the engine, oneoff"],
  [/\bunasked\b/i, "automatically"],
  [/\b(is|are|be|not|all|stays?) well\b(?!-)/i, "healthy"],
  [/\b(take|takes|taken|took) (it |them )?back\b/i, "roll back"],
  [/(?<![\w'-])(we|our|ours|us)(?![\w-])/i, "oneoff, you, or your"],
  [/\bunless (told otherwise|given)\b/i, "a default in parentheses"],
  [/\b(told|hears?|heard)\b/i, "printed, reported, read, received"],
  [/\bas in \d/i, "e.g."],
  [/\b(is|are) at it\b/i, "in progress"],
  [/\b(go|goes|went|going) on\b/i, "continues"],
  [/\bcounts\b/i, "takes precedence"],
  [/\bwhat (comes|came)\b/i, "a noun"],
  [
    /\bthat (is|are) there\b|\b(is|are) there (already|anyway)\b|\bwhere there is (one|none)\b/i,
    "exists, already exists",
  ],
  [/\b(those|that) of\b/i, "the noun, repeated"],
  [/\b(say|says|said)\b/i, "sets, prints, reports, names"],
];

/** Sentences that are longer lose their readers. */
const MOST_WORDS = 25;

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Text {
  readonly name: string;
  readonly text: string;
}

const files = async (pattern: string): Promise<Text[]> => {
  const texts: Text[] = [];
  for await (const path of glob(`${root}${pattern}`))
    texts.push({ name: relative(root, path), text: readFileSync(path, "utf8") });
  return texts;
};

const partsOf = ([name, topic]: readonly [string, Topic]): Text[] => [
  { name: `oneoff help ${name}`, text: topic.text(COMMANDS) },
  ...Array.from(topic.parts ?? [], ([part, { text }]) => ({
    name: `oneoff help ${name} ${part}`,
    text: text(COMMANDS),
  })),
];

const topics = () => [...TOPICS].flatMap(partsOf);

const commands = async (): Promise<Text[]> => [
  { name: "oneoff help", text: await help([]) },
  { name: "oneoff help topics", text: await help(["topics"]) },
  ...(await Promise.all(
    Array.from(COMMANDS, async ([name, command]) => ({
      name: `oneoff ${name} --help`,
      text: await commandHelp(command),
    })),
  )),
];

const matches = (texts: readonly Text[], table: readonly [pattern: RegExp, instead: string][]) =>
  texts.flatMap(({ name, text }) =>
    text.split("\n").flatMap((line, index) =>
      table.flatMap(([pattern, instead]) => {
        const [word] = pattern.exec(line) ?? [];
        return word === undefined ? [] : [`${name}:${index + 1} has "${word}", write: ${instead}`];
      }),
    ),
  );

test.each<[what: string, texts: () => Text[] | Promise<Text[]>]>([
  ["help of commands", commands],
  ["help topics", topics],
  ["README", () => files("README.md")],
  ["CHANGELOG", () => files("CHANGELOG.md")],
  ["CONTRIBUTING", () => files("CONTRIBUTING.md")],
  ["SECURITY", () => files("SECURITY.md")],
  ["docs", () => files("docs/*.md")],
  ["examples", () => files("examples/**/*.*")],
  ["install.sh", () => files("install.sh")],
  ["src/errors", () => files("src/errors/*.ts")],
])("uses the words of the field in %s", async (_, texts) => {
  const all = await texts();
  expect(matches(all, WORDS)).toEqual([]);
});

const comments = async (folder: string): Promise<Text[]> =>
  (await files(`${folder}/**/*.ts`)).map(({ name, text }) => ({
    name,
    text: text.replaceAll(/^(?!\s*(?:\/\/|\/?\*)).*$/gm, ""),
  }));

test.each(["src", "build"])("uses the words of the field in comments of %s", async (folder) => {
  const all = await comments(folder);
  expect(all.length).toBeGreaterThan(0);
  expect(matches(all, WORDS)).toEqual([]);
});

/** Names that a reader has to look up, and what to call it instead. */
const NAMES: readonly [names: RegExp, instead: string][] = [
  [/\b(told|said|seen)\b/, "options, line, result or another noun"],
  [/\battend\w*\b/, "supervise"],
  [/\bconverse\b|\bConversation\b/, "attachStdio"],
  [/\b(typeInto|pipeStdin)\b/, "forwardKeys, forwardStdin"],
  [/\brecast\b/, "relabelImage"],
  [/\b(Standing|Coming|Former)\b/, "RunningProcess, Candidate, OldProcess"],
  [/\b(bringUp\w*|untilWell)\b/, "start, waitUntilHealthy"],
  [/\b(Patient|knock|askAddress)\b/, "CheckTarget, tcpProbe, httpProbe"],
  [/\b(announce\w*|withdraw\w*)\b/, "addAliases, removeAliases"],
  [/\b(onceBack|explainLoss|disown)\b/, "retryUntilReconnected, diagnoseDisconnect, markDetached"],
  [/\b(Intake|Taker)\b/, "ChunkReader"],
  [/\b(habits|HABITS|\w+_HABITS)\b/, "aliases"],
  [/\b(PATIENCE|LOOKS?)\b/, "a constant in _MS, _S or MAX_ that names its bound"],
  [/\b(gist|unwell)\b/, "summarize, unhealthy"],
];

/** Without comments and texts. */
const code = (text: string) =>
  text
    .replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, "")
    .replaceAll(/"(?:\\.|[^"\\\n])*"/g, '""')
    .replaceAll(/`(?:\\.|[^`\\$]|\$(?!\{))*`/g, "``");

test("uses names of the field in the code of src", async () => {
  const all = (await files("src/**/*.ts")).map(({ name, text }) => ({ name, text: code(text) }));
  expect(all.length).toBeGreaterThan(0);
  expect(matches(all, NAMES)).toEqual([]);
});

test.each(["bench", "cli", "demo", "e2e", "engine", "matrix", "soak"])(
  "uses the words of the field in comments of test/%s",
  async (folder) => {
    const all = await comments(`test/${folder}`);
    expect(all.length).toBeGreaterThan(0);
    expect(matches(all, WORDS)).toEqual([]);
  },
);

const TEST_NAME = /(?:\b(?:test|describe)(?:\.\w+)*(?:\(\w+\))?|\](?: as const)?\))\(\s*(["'`])((?:\\.|(?!\1).)+)\1/g;

/** Each name of a test or of a group of tests on a line. */
const testNames = (text: string) => Array.from(text.matchAll(TEST_NAME), ([, , name]) => name).join("\n");

test.each(["test/cli", "test/e2e", "test/engine", "test/soak", "test/unit"])(
  "uses the words of the field in names of tests in %s",
  async (folder) => {
    const all = (await files(`${folder}/**/*.test.ts`)).map(({ name, text }) => ({ name, text: testNames(text) }));
    expect(all.some(({ text }) => text !== "")).toBe(true);
    expect(matches(all, WORDS)).toEqual([]);
  },
);

/** In prose only: code, tables of fields and examples are not sentences. */
const sentences = (text: string): string[] =>
  parseLightText(text).flatMap((block) =>
    block.kind === "paragraph" || block.kind === "item" || block.kind === "row"
      ? block.text.replaceAll("e.g.", "eg").split(/[.:;]\s/)
      : [],
  );

test.each([...TOPICS].filter(([, { asIs }]) => !asIs))(
  "writes sentences of at most 25 words in help %s",
  (...entry) => {
    const long = partsOf(entry)
      .flatMap(({ text }) => sentences(text))
      .filter((sentence) => sentence.split(/\s+/).length > MOST_WORDS && !/(?:\w+, ){6}/.test(sentence));
    expect(long).toEqual([]);
  },
);
