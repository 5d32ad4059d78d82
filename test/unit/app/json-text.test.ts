import { expect, test } from "vitest";
import { parseJsonText } from "../../../src/app/json-text.ts";
import type { Node } from "../../../src/app/schema/schema.ts";

/** The tree, and each mistake as `line: problem`. */
function parse(text: string) {
  const mistakes: string[] = [];
  const line = (at: number) => text.slice(0, at).split("\n").length;
  const column = (at: number) => at - text.lastIndexOf("\n", at - 1);
  const root = parseJsonText(text, {
    line,
    wrong: (at, problem) => mistakes.push(`${line(at)}:${column(at)}: ${problem}`),
  });
  return { root, mistakes };
}

/** The JavaScript value, with numbers and booleans as they are written. */
function plain(node: Node | undefined): unknown {
  if (node?.kind === "list") return node.items.map(plain);
  if (node?.kind === "map") return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]));
  if (node?.kind === "nothing") return null;
  return node && "written" in node ? node.written : undefined;
}

test.each([
  ["{}", {}],
  ["[]", []],
  [" \t\r\n[ ]\n", []],
  ['""', ""],
  ['"a"', "a"],
  ["null", null],
  ["true", "true"],
  ["-1.50e+03", "-1.50e+03"],
  ["0", "0"],
  ['{"a": {"b": [1, {"c": null}], "": false}}', { a: { b: ["1", { c: null }], "": "false" } }],
  ['"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00"', '"\\/\b\f\n\r\té😀'],
  ['"\u2028é😀\x7f"', "\u2028é😀\x7f"],
  ['"// no /* comment */"', "// no /* comment */"],
  ['"\\\\"', "\\"],
])("reads %s", (text, value) => {
  expect(plain(parse(text).root)).toEqual(value);
  expect(parse(text).mistakes).toEqual([]);
});

test.each([
  ["[1, 2,]", ["1", "2"]],
  ['{"a": 1,}', { a: "1" }],
  ["[1,// one\n2 // two\n]// end", ["1", "2"]],
  ["/**/[/*,*/1/*/*/,/* * / */]/***/", ["1"]],
  ["//\n[]", []],
  ["[1 /* a */ /* b */ // c\r\n , 2]", ["1", "2"]],
])("reads %s with comments and trailing commas", (text, value) => {
  expect(plain(parse(text).root)).toEqual(value);
  expect(parse(text).mistakes).toEqual([]);
});

test.each(["", " \n\t\r\n", "// nothing", "/* nothing\n */ //"])("reads %j as empty", (text) => {
  expect(parse(text)).toEqual({ root: undefined, mistakes: [] });
});

test("records the position of every node", () => {
  expect(parse('{"a": [true,\n null]}').root).toEqual({
    at: 0,
    kind: "map",
    entries: [
      {
        key: "a",
        at: 1,
        value: {
          at: 6,
          kind: "list",
          items: [
            { at: 7, kind: "truth", written: "true" },
            { at: 14, kind: "nothing" },
          ],
        },
      },
    ],
  });
});

const WORD = "a word without double quotes";

test.each([
  ["{", "1:2: expected a key in double quotes, found the end of the file"],
  ["[1", '1:3: expected "," or "]", found the end of the file'],
  ["[1,", "1:4: expected a value, found the end of the file"],
  ['{"a"', '1:5: expected ":" after the key, found the end of the file'],
  ['{"a":', "1:6: expected a value, found the end of the file"],
  ["{,}", '1:2: expected a key in double quotes, found ","'],
  ["[,]", '1:2: expected a value, found ","'],
  ["[1,,2]", '1:4: expected a value, found ","'],
  ['{"a":1,,}', '1:8: expected a key in double quotes, found ","'],
  ["[1}", '1:3: expected "," or "]", found "}"'],
  ['{"a":1]', '1:7: expected "," or "}", found "]"'],
  ["[1 2]", '1:4: expected "," or "]", found a word or a number'],
  ['["a" "b"]', '1:6: expected "," or "]", found a string'],
  ['{"a" 1}', '1:6: expected ":" after the key, found a word or a number'],
  ['{"a" = 1}', '1:6: expected ":" after the key, found a word or a number'],
  ['{"a": : 1}', '1:7: expected a value, found ":"'],
  ["{} {}", '1:4: expected the end of the file, found "{"'],
  ["{}x", "1:3: expected the end of the file, found a word or a number"],
  ["]", '1:1: expected a value, found "]"'],
  ["{a: 1}", "1:2: expected a key in double quotes, found a key without them"],
  ["{'a': 1}", "1:2: expected a key in double quotes, found a key without them"],
  ["{1: 1}", "1:2: expected a key in double quotes, found a key without them"],
  ["['a']", `1:2: expected a value, found ${WORD}`],
  ["[True]", `1:2: expected a value, found ${WORD}`],
  ["[NaN]", `1:2: expected a value, found ${WORD}`],
  ["[-]", `1:2: expected a value, found ${WORD}`],
  ["[# comment\n]", `1:2: expected a value, found ${WORD}`],
  ["[/ 1]", '1:2: expected a value, found "/"'],
  ["[\u00a01]", "1:2: expected a value, found white space that JSON does not allow"],
  ["[\v1]", "1:2: expected a value, found white space that JSON does not allow"],
  ['["a]', `1:2: expected a closing '"' on the same line`],
  ['["a\n"]', `1:2: expected a closing '"' on the same line`],
  ['["a\r\n"]', `1:2: expected a closing '"' on the same line`],
  ['["a\\', `1:4: JSON has no such escape; write "\\\\" for a "\\"`],
  ['["a\tb"]', '1:4: a control character in a string; escape it, e.g. "\\t"'],
  ['["\\x41"]', '1:3: JSON has no such escape; write "\\\\" for a "\\"'],
  ['["\\u12g4"]', '1:3: JSON has no such escape; write "\\\\" for a "\\"'],
  ["[1] /* x", '1:5: expected a closing "*/" after the comment'],
  ["/*/", '1:1: expected a closing "*/" after the comment'],
  ...["01", "+1", "1.", ".5", "1e", "0x1", "1_000"].map((number) => [
    `[${number}]`,
    "1:2: expected a value, found a number that is not valid in JSON",
  ]),
])("rejects %j", (text, mistake) => {
  expect(parse(text as string)).toEqual({ root: { at: 0, kind: "broken" }, mistakes: [mistake] });
});

test("reports mistakes on several lines together", () => {
  expect(parse('{\n"a": True,\n"b": 01\n"c": 1\n"d": "\\q"\n"e"}').mistakes).toEqual([
    `2:6: expected a value, found ${WORD}`,
    "3:6: expected a value, found a number that is not valid in JSON",
    '4:1: expected "," or "}", found a string',
    '5:1: expected "," or "}", found a string',
    '6:1: expected "," or "}", found a string',
  ]);
});

test("reports a duplicate key in any spelling, and hides no other mistake", () => {
  const { root, mistakes } = parse('{"a": 1,\n"\\u0061": 2, "__proto__": 3, "__proto__": 4}');
  expect(mistakes).toEqual(['2:1: "a" already exists on line 1', '2:30: "__proto__" already exists on line 2']);
  expect(root).toMatchObject({ kind: "map", entries: [{ key: "a" }, { key: "__proto__" }] });
});

test("does not treat invalid keys as duplicates", () => {
  const problem = 'JSON has no such escape; write "\\\\" for a "\\"';
  expect(parse('{"\\q": 1,\n"\\z": 2}').mistakes).toEqual([`1:3: ${problem}`, `2:2: ${problem}`]);
});

test("accepts 32 levels of nesting", () => {
  expect(parse("[".repeat(32) + "]".repeat(32)).mistakes).toEqual([]);
  expect(parse("[".repeat(33) + "]".repeat(33)).mistakes).toEqual(["1:33: nested too deep: the maximum is 32 levels"]);
});
