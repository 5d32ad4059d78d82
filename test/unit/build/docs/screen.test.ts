import { describe, expect, test } from "vitest";
import { screenOf } from "../../../../build/docs/screen.ts";

const textOf = (output: string, columns = 20) =>
  screenOf(output, columns).map((runs) => runs.map(({ text }) => text).join(""));

describe("renders terminal output to a screen", () => {
  test.each([
    ["starts a line at CR LF", "one\r\ntwo\r\n", ["one", "two", ""]],
    ["keeps the column at LF alone", "one\ntwo", ["one", "   two"]],
    ["overwrites after CR", "12 %\r15 %", ["15 %"]],
    ["erases to the end of the line at CSI K", "long line\rshort\x1b[K", ["short"]],
    ["erases below the cursor at CSI J", "a\r\nb\r\nc\x1b[2A\r\x1b[J", [""]],
    ["moves by backspace, tab and CSI C and D", "ab\bc\td\x1b[2De\x1b[1Cf", ["ac     edf"]],
    ["wraps a line at the last column", "123456", ["1234", "56"], 4],
    ["does not wrap a line that just fits", "1234\r\n5", ["1234", "5"], 4],
    ["removes spaces at the end of a line", "a   \r\n", ["a", ""]],
    ["ignores modes, queries and the bell", "\x1b[?25l\x1b[6na\x07\x1b[?25h", ["a"]],
    ["gives a character outside the BMP one column", "🚀!\rx", ["x!"]],
  ] satisfies [string, string, string[], number?][])("%s", (_what, output, lines, columns?: number) => {
    expect(textOf(output, columns)).toEqual(lines);
  });

  test("joins characters of the same style into a run", () => {
    expect(screenOf("\x1b[1m\x1b[32mok\x1b[39m\x1b[22m and \x1b[2mdim\x1b[0m", 20)).toEqual([
      [{ text: "ok", bold: true, color: 32 }, { text: " and " }, { text: "dim", dim: true }],
    ]);
  });

  test("keeps the style of characters that are not overwritten", () => {
    expect(screenOf("\x1b[31mred\x1b[0m\rb", 20)).toEqual([[{ text: "b" }, { text: "ed", color: 31 }]]);
  });

  test.each([
    ["\x1b[5;5H", /Unknown escape sequence/],
    ["\x1b]0;title\x07", /Unknown control character/],
    ["\x1b[48;5;1m", /Unknown colour code/],
  ])("refuses %j", (output, error) => {
    expect(() => screenOf(output, 20)).toThrow(error);
  });
});
