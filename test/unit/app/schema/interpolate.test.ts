// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such strings are what is tested
import { expect, test } from "vitest";
import { fillVariables } from "../../../../src/app/schema/interpolate.ts";

const variables = { A: "a", EMPTY: "", _b1: "$A" };

function fill(text: string, left = 100_000) {
  const missed: string[] = [];
  const result = fillVariables(text, { variables, unset: (name) => missed.push(name), room: { left } });
  return { ...result, ...(missed.length > 0 && { missed }) };
}

test.each([
  ["", ""],
  ["plain } {", "plain } {"],
  ["$A", "a"],
  ["${A}", "a"],
  ["x${A}y$A-z$A.", "xaya-za."],
  ["$_b1", "$A"],
  ["$$", "$"],
  ["$$A$$$A", "$A$a"],
  ["$EMPTY|${EMPTY}", "|"],
  ["${A:-d}${A-d}", "aa"],
  ["${EMPTY:-d}|${EMPTY-d}", "d|"],
  ["${NO:-d}|${NO-d}", "d|d"],
  ["${NO:-}|${NO-}", "|"],
  ["${NO:-a b:-?+/=}", "a b:-?+/="],
  ["${NO:-{x}}", "{x}"],
  ["${NO:-$A}${NO:-${A}}${NO:-${NO2:-${A}!}}", "aaa!"],
  ["${NO:-$$A}", "$A"],
  ["${A:?why}${A?why}${EMPTY?why}", "aa"],
  ["${A:+x}|${EMPTY:+x}|${NO:+x}", "x||"],
  ["${A+x}|${EMPTY+x}|${NO+x}", "x|x|"],
  ["${A:+<$A>}", "<a>"],
  ["${A:-$NO}${NO:+$NO2}", "a"],
])("interpolates %j as %j", (text, filled) => expect(fill(text)).toEqual({ filled }));

test("reports an unset variable without a default at each use", () =>
  expect(fill("$NO ${NO} ${NO:-$NO2} ${A:-$NO3} $constructor")).toEqual({
    filled: "   a ",
    missed: ["NO", "NO", "NO2", "constructor"],
  }));

const dollar = 'expected "$NAME" or "${NAME}" after "$"; write "$$" for a literal "$"';

test.each([
  "$",
  "a $ b",
  "$1",
  "$$$",
  "${",
  "${}",
  "${A",
  "${1}",
  "${A B}",
  "${A!x}",
  "${A:x}",
  "${A:-x",
  "${A:-${B}",
  "${A:-$}",
  "${NO:-$1}",
  "$(x)",
])("rejects %j", (text) => expect(fill(text)).toMatchObject({ problem: dollar }));

test.each([
  ["${NO:?}", 'the variable "NO" is not set or is empty'],
  ["${NO?}", 'the variable "NO" is not set'],
  ["${EMPTY:?set it to $A}", 'the variable "EMPTY" is not set or is empty: "set it to $A"'],
  ["${NO?\u001b[31m}", 'the variable "NO" is not set: "\\u001b[31m"'],
  ["${A:-${NO2:?why}}", 'the variable "NO2" is not set or is empty: "why"'],
  ["${NO:-${NO2:?why}}", 'the variable "NO2" is not set or is empty: "why"'],
])("rejects %j with its own message", (text, problem) => expect(fill(text)).toEqual({ problem }));

test("limits nesting and size", () => {
  expect(fill("${NO:-".repeat(50))).toEqual({ problem: "nested too deep: the maximum is 16 levels" });
  expect(fill("$A".repeat(100), 250)).toEqual({ problem: "the text is too long with the values of its variables" });
});
