import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sanitizeLine } from "../../../src/output/sanitize.ts";
import { CONTROL } from "../../../src/text/escape.ts";

test.each([
  ["plain\ttext", "plain\ttext", "plain\ttext"],
  ["é 日本", "é 日本", "é 日本"],
  ["\x1b[31mred\x1b[0m", "red", "\x1b[31mred\x1b[0m\x1b[0m"],
  // Colours are reset at the end of the line.
  ["\x1b[1;38:2:9:9:9mred", "red", "\x1b[1;38:2:9:9:9mred\x1b[0m"],
  ["\x1b[2J\x1b[1;1Hhome", "home", "home"],
  ["\x1b]0;title\x07\x1b]8;;http://x\x1b\\link", "link", "link"],
  ["\x1bP1$q\x1b\\\x1bc\x1b(Bx", "x", "x"],
  ["a\x08\x00\x7f\u009bb\u202e\u061c\u200f\u2069\u2028", "ab", "ab"],
  // Text before a carriage return is overwritten.
  ["10%\r20%\r100%", "100%", "100%"],
  ["done\r", "done", "done"],
  ["\r", "", ""],
])("sanitizes %j to %j, with colours to %j", (line, plain, colored) => {
  expect(sanitizeLine(line)).toBe(plain);
  expect(sanitizeLine(line, true)).toBe(colored);
});

test("removes every control character except tab", () => {
  const all = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));
  const controls = all.filter((one) => CONTROL.test(one) && one !== "\t" && one !== "\r");
  expect(controls.length).toBeGreaterThan(70);
  for (const control of controls) expect([control, sanitizeLine(`a${control}`)]).toEqual([control, "a"]);
  // The Unicode classes of invisible characters that affect other text.
  expect(all.filter((one) => /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(one))).toEqual(
    all.filter((one) => CONTROL.test(one)),
  );
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  expect(files.filter((file) => /u2066|Bidi_Control/.test(readFileSync(`src/${file}`, "utf8")))).toEqual([
    "text/escape.ts",
  ]);
});
