import { describe, expect, test } from "vitest";
import { COLORED, PLAIN } from "../../../src/output/style.ts";
import { displayWidth, formatList, formatTable, padToWidth, truncate } from "../../../src/output/table.ts";

test("makes columns as wide as their widest cell, separated by two spaces", () =>
  expect(
    formatTable([
      ["APP", "FROM", "AGE"],
      ["my-application", "dokku", "3h"],
      ["a", "", "200d"],
    ]),
  ).toBe("APP             FROM   AGE\nmy-application  dokku  3h\na                      200d\n"));

test("prints no trailing spaces", () =>
  expect(
    formatTable([
      ["a", "long"],
      ["b", ""],
      ["", ""],
    ]),
  ).toBe("a  long\nb\n\n"));

test("accepts one row or none", () => {
  expect(formatTable([["a", "b"]])).toBe("a  b\n");
  expect(formatTable([])).toBe("");
});

test("escapes control characters in cells", () =>
  expect(
    formatTable([
      ["a\nb", "x"],
      ["\x1b[2J\t\u202e\u009b", "y"],
    ]),
  ).toBe("a\\nb                     x\n\\u001b[2J\\t\\u202e\\u009b  y\n"));

test("keeps quotes and backslashes", () => expect(formatTable([['["a\\"]', "é😀"]])).toBe('["a\\"]  é😀\n'));

test("measures columns, not characters", () =>
  expect(
    formatTable([
      ["日本", "x"],
      ["👩‍👩‍👧‍👦", "y"],
      ["e\u0301", "z"],
    ]),
  ).toBe("日本  x\n👩‍👩‍👧‍👦    y\ne\u0301     z\n"));

test("truncates a list to the width and highlights its headings", () => {
  const rows = [["my-app", "日本語"]];
  expect(formatList(["APP", "IMAGE"], rows)).toBe("APP     IMAGE\nmy-app  日本語\n");
  expect(formatList(["APP", "IMAGE"], rows, { style: PLAIN, columns: 12 })).toBe("APP     IMA…\nmy-app  日…\n");
  expect(formatList(["APP", "IMAGE"], rows, { style: COLORED, columns: 20 })).toBe(
    "\x1b[1mAPP     IMAGE\x1b[22m\nmy-app  日本語\n",
  );
});

const FAMILY = "👩‍👩‍👧‍👦";
const ACCENTED = "e\u0301";

test.each([
  ["", 0],
  ["abc", 3],
  ["日本", 4],
  ["한국어", 6],
  ["ａ", 2],
  [FAMILY, 2],
  ["🇩🇪", 2],
  ["👍🏽", 2],
  [`${ACCENTED}${ACCENTED}`, 2],
  ["\x1b[31mred\x1b[0m", 3],
])("measures %j as %i columns", (text, columns) => expect(displayWidth(text)).toBe(columns));

describe("truncates without splitting a character", () => {
  test.each([
    ["abcdef", 6, "abcdef"],
    ["abcdef", 5, "abcd…"],
    ["abcdef", 1, "…"],
    // Half a character does not fit.
    ["日本語", 4, "日…"],
    ["日本語", 5, "日本…"],
    ["日本語", 6, "日本語"],
    [`${FAMILY}${FAMILY}x`, 4, `${FAMILY}…`],
    [`a${FAMILY}`, 2, "a…"],
    ["🇩🇪🇫🇷", 3, "🇩🇪…"],
    ["Łabcdef", 5, "Łabc…"],
    ["Łabc日本", 5, "Łabc…"],
    ["…abc", 1, "…"],
    [`${ACCENTED}${ACCENTED}${ACCENTED}`, 2, `${ACCENTED}…`],
  ])("%j to %i columns", (text, columns, expected) => {
    expect(truncate(text, columns)).toBe(expected);
    expect(displayWidth(truncate(text, columns))).toBeLessThanOrEqual(columns);
  });
});

test("pads to a column, not to a number of characters", () => {
  expect(padToWidth("日", 4)).toBe("日  ");
  expect(padToWidth("abcde", 4)).toBe("abcde");
});
