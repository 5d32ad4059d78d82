import { expect, test } from "vitest";
import { macro, plainRoff, roff, textRoff } from "../../../build/roff.ts";
import { parseLightText } from "../../../src/cli/topics/light-text.ts";

test.each([
  ["a-b", "a\\-b"],
  [".nf", "\\&.nf"],
  ["'br", "\\(aqbr"],
  ["\\fB", "\\efB"],
  ["~/.config ^C `x`", "\\(ti/.config \\(haC \\(gax\\(ga"],
  ["a → b …", "a -> b ..."],
  ["é😀", "\\[u00E9]\\[u1F600]"],
])("escapes %s for roff", (text, expected) => expect(plainRoff(text)).toBe(expected));

test("formats text in backticks as bold", () =>
  expect(textRoff("type `oneoff help`, then q")).toBe("type \\fBoneoff help\\fR, then q"));

test("escapes quotes in an argument", () => expect(macro("SS", 'a "b" c')).toBe('.SS "a \\(dqb\\(dq c"'));

test("formats each kind of block", () => {
  const text = `\
# Heading
A paragraph
in two lines.

- one
- two
  goes on
term :: what it means

    oneoff run
      .dot`;
  expect(roff(parseLightText(text), "SS").split("\n")).toEqual([
    '.SS "Heading"',
    ".PP",
    "A paragraph in two lines.",
    ".IP \\(bu 2",
    "one",
    ".IP \\(bu 2",
    "two goes on",
    ".TP",
    "\\fBterm\\fR",
    "what it means",
    ".PP",
    ".RS 4",
    ".nf",
    "oneoff run",
    "  .dot",
    ".fi",
    ".RE",
  ]);
});
