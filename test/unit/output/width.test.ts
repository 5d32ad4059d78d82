import { describe, expect, test } from "vitest";
import { pad, truncate, width } from "../../../src/output/width.ts";

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
])("%j takes %i columns", (text, columns) => expect(width(text)).toBe(columns));

describe("what is too long is cut, and no character is taken apart", () => {
  test.each([
    ["abcdef", 6, "abcdef"],
    ["abcdef", 5, "abcd…"],
    ["abcdef", 1, "…"],
    // Half of one does not fit.
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
  ])("%j in %i", (text, columns, expected) => {
    expect(truncate(text, columns)).toBe(expected);
    expect(width(truncate(text, columns))).toBeLessThanOrEqual(columns);
  });
});

test("padding is up to a column, not a number of characters", () => {
  expect(pad("日", 4)).toBe("日  ");
  expect(pad("abcde", 4)).toBe("abcde");
});
