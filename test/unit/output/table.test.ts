import { expect, test } from "vitest";
import { table } from "../../../src/output/table.ts";

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
