import { expect, test } from "vitest";
import { COLORED, PLAIN } from "../../../src/output/style.ts";
import { list, table } from "../../../src/output/table.ts";

test("columns are as wide as their widest cell, and two spaces apart", () =>
  expect(
    table([
      ["APP", "FROM", "AGE"],
      ["my-application", "dokku", "3h"],
      ["a", "", "200d"],
    ]),
  ).toBe("APP             FROM   AGE\nmy-application  dokku  3h\na                      200d\n"));

test("no line ends in spaces", () =>
  expect(
    table([
      ["a", "long"],
      ["b", ""],
      ["", ""],
    ]),
  ).toBe("a  long\nb\n\n"));

test("there may be one row, or none", () => {
  expect(table([["a", "b"]])).toBe("a  b\n");
  expect(table([])).toBe("");
});

test("a cell is one line, and moves no cursor", () =>
  expect(
    table([
      ["a\nb", "x"],
      ["\x1b[2J\t\u202e\u009b", "y"],
    ]),
  ).toBe("a\\nb                     x\n\\u001b[2J\\t\\u202e\\u009b  y\n"));

test("quotes and backslashes stay as they are", () => expect(table([['["a\\"]', "é😀"]])).toBe('["a\\"]  é😀\n'));

test("columns are columns, not characters", () =>
  expect(
    table([
      ["日本", "x"],
      ["👩‍👩‍👧‍👦", "y"],
      ["e\u0301", "z"],
    ]),
  ).toBe("日本  x\n👩‍👩‍👧‍👦    y\ne\u0301     z\n"));

test("a list is cut to the window, and its headings stand out", () => {
  const rows = [["my-app", "日本語"]];
  expect(list(["APP", "IMAGE"], rows)).toBe("APP     IMAGE\nmy-app  日本語\n");
  expect(list(["APP", "IMAGE"], rows, { style: PLAIN, columns: 12 })).toBe("APP     IMA…\nmy-app  日…\n");
  expect(list(["APP", "IMAGE"], rows, { style: COLORED, columns: 20 })).toBe(
    "\x1b[1mAPP     IMAGE\x1b[22m\nmy-app  日本語\n",
  );
});
