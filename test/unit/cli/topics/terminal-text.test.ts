import { expect, test } from "vitest";
import { parseLightText } from "../../../../src/cli/topics/light-text.ts";
import { terminalText } from "../../../../src/cli/topics/terminal-text.ts";
import { TOPICS } from "../../../../src/cli/topics/topics.ts";

const show = (text: string, width: number) => terminalText(parseLightText(text), width).split("\n");

test("text is wrapped, and set in below a heading", () =>
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

test("rows have a column for their terms, and a long one stands alone", () =>
  expect(show("a :: one two three\nbbb :: four\na very long term :: five\n", 16)).toEqual([
    "a    one two",
    "     three",
    "bbb  four",
    "a very long term",
    "     five",
    "",
  ]));

test("items hang", () =>
  expect(show("- one two\n  three\n- four\n", 9)).toEqual(["- one two", "  three", "- four", ""]));

test.each(Array.from(TOPICS).flatMap(([name, topic]) => (topic.asIs ? [] : [[name, topic] as const])))(
  "%s is as wide as it may be, but for what is as it is",
  (_, topic) => {
    for (const { text } of [topic, ...(topic.parts?.values() ?? [])]) {
      const blocks = parseLightText(text()).filter(({ kind }) => kind !== "lines");
      const words = terminalText(blocks, 80).split("\n");
      expect(words.filter((line) => line.length > 80 && line.trim().includes("  "))).toEqual([]);
      expect(words.length).toBeGreaterThan(3);
    }
  },
);
