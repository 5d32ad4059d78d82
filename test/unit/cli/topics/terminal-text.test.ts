import { expect, test } from "vitest";
import { loadShapes } from "../../../../src/cli/commands.ts";
import { parseLightText } from "../../../../src/cli/topics/light-text.ts";
import { terminalText } from "../../../../src/cli/topics/terminal-text.ts";
import { TOPICS } from "../../../../src/cli/topics/topics.ts";

const SHAPES = await loadShapes();

const show = (text: string, width: number) => terminalText(parseLightText(text), width).split("\n");

test("wraps text and indents it below a heading", () =>
  expect(show("one two three\n\n# Four\nfive six seven\n\n    as  it is, however long\n", 12)).toEqual([
    "one two",
    "three",
    "",
    "Four",
    "  five six",
    "  seven",
    "",
    "    as  it is, however long",
    "",
  ]));

test("aligns descriptions in a column, and puts a long term on a line of its own", () =>
  expect(show("a :: one two three\nbbb :: four\na very long term :: five\n", 16)).toEqual([
    "a    one two",
    "     three",
    "bbb  four",
    "a very long term",
    "     five",
    "",
  ]));

test("indents the continuation lines of items", () =>
  expect(show("- one two\n  three\n- four\n", 9)).toEqual(["- one two", "  three", "- four", ""]));

test.each(Array.from(TOPICS).flatMap(([name, topic]) => (topic.asIs ? [] : [[name, topic] as const])))(
  "fits the topic %s into 80 columns, except for preformatted lines",
  (_, topic) => {
    for (const { text } of [topic, ...(topic.parts?.values() ?? [])]) {
      const blocks = parseLightText(text(SHAPES)).filter(({ kind }) => kind !== "lines");
      const words = terminalText(blocks, 80).split("\n");
      expect(words.filter((line) => line.length > 80 && line.trim().includes("  "))).toEqual([]);
      expect(words.length).toBeGreaterThan(3);
    }
  },
);
