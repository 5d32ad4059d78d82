import { describe, expect, test } from "vitest";
import { COLORED, PLAIN, wantsColor } from "../../../src/output/style.ts";

describe("--color", () => {
  const terminal = { TERM: "xterm" };

  test.each([
    ["auto", terminal, true, true],
    ["at a terminal", terminal, true, true],
    [undefined, terminal, true, true],
    [undefined, terminal, false, false],
    [undefined, { TERM: "dumb" }, true, false],
    [undefined, {}, true, false],
    [undefined, { ...terminal, NO_COLOR: "1" }, true, false],
    // An empty value is ignored, by convention.
    [undefined, { ...terminal, NO_COLOR: "" }, true, true],
    [undefined, { ...terminal, CLICOLOR: "0" }, true, false],
    [undefined, { ...terminal, CLICOLOR: "1" }, true, true],
    [undefined, { CLICOLOR_FORCE: "1" }, false, true],
    [undefined, { CLICOLOR_FORCE: "0" }, true, false],
    [undefined, { FORCE_COLOR: "1" }, false, true],
    [undefined, { FORCE_COLOR: "3", TERM: "dumb" }, false, true],
    [undefined, { ...terminal, FORCE_COLOR: "0" }, true, false],
    [undefined, { ...terminal, FORCE_COLOR: "false" }, true, false],
    [undefined, { CLICOLOR_FORCE: "1", NO_COLOR: "1" }, true, false],
    ["always", { NO_COLOR: "1", TERM: "dumb" }, false, true],
    ["never", { ...terminal, CLICOLOR_FORCE: "1", FORCE_COLOR: "1" }, true, false],
  ] as const)("--color %s, %j, terminal: %s: %s", (choice, env, isTerminal, expected) =>
    expect(wantsColor(choice, env, isTerminal)).toBe(expected),
  );
});

test("colours text, or keeps it unchanged", () => {
  expect(COLORED.error("no")).toBe("\x1b[31mno\x1b[39m");
  expect(PLAIN.error("no")).toBe("no");
});
