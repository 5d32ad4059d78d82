import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { DetachScanner, formatDetachKeys, parseDetachKeys } from "../../../src/terminal/detach-keys.ts";

test.each([
  ["ctrl-p,ctrl-q", "\x10\x11"],
  ["ctrl-a", "\x01"],
  ["ctrl-Z,CTRL-z", "\x1a\x1a"],
  ["ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_", "\x00\x1b\x1c\x1d\x1e\x1f"],
  ["DEL", "\x7f"],
  ["a,B,~,!", "aB~!"],
  ["", ""],
])("parses the detach keys %j as %j", (keys, bytes) => expect(parseDetachKeys(keys).toString("latin1")).toBe(bytes));

test.each(["ctrl-p,ctrl-q", "ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_", "DEL,a,B,~", ""])(
  "formats %j as it was typed",
  (keys) => expect(formatDetachKeys(parseDetachKeys(keys))).toBe(keys),
);

test.each([
  ["ctrl-", "ctrl-"],
  ["ctrl-1", "ctrl-1"],
  ["ctrl-pp", "ctrl-pp"],
  ["a,", ""],
  [",", ""],
  ["a,,b", ""],
  ["ab", "ab"],
  [" ", " "],
  ["a, b", " b"],
  ["é", "é"],
  ["del", "del"],
  ["\x10", "\\u0010"],
])("rejects the detach keys %j because of %j", (keys, key) =>
  expect(() => parseDetachKeys(keys)).toThrow(
    expect.objectContaining({
      code: "bad-detach-keys",
      kind: "usage",
      message: `Invalid --detach-keys ${JSON.stringify(keys)}: expected single characters, ctrl-<letter> or DEL, found "${key}"`,
    }),
  ),
);

describe("matches detach keys in typed input", () => {
  /** Returns what is forwarded of each chunk; detaching ends it. */
  const typed = (keys: string, ...pieces: string[]) => {
    const scanner = new DetachScanner(Buffer.from(keys));
    const passed: string[] = [];
    for (const piece of pieces) {
      const { forward, detached } = scanner.scan(Buffer.from(piece));
      passed.push(forward.toString());
      if (detached) return { passed, detached };
    }
    return { passed, detached: false };
  };

  test.each<[string, string[], string[], boolean]>([
    ["detaches on the keys in one chunk, and forwards neither", ["abPQcd"], ["ab"], true],
    ["detaches on the keys in two chunks, and forwards neither", ["aP", "Q"], ["a", ""], true],
    ["holds the first key back until another follows", ["P", "x", "Q"], ["", "Px", "Q"], false],
    ["forwards the keys in the wrong order", ["QP", "x"], ["Q", "Px"], false],
    ["restarts the match if the first key is typed twice", ["PPQ"], ["P"], true],
    ["forwards other bytes unchanged", ["\x00\xff€\r\n"], ["\x00\xff€\r\n"], false],
    ["forwards nothing if nothing is typed", [""], [""], false],
  ])("%s", (_what, pieces, passed, detached) => expect(typed("PQ", ...pieces)).toEqual({ passed, detached }));

  test("releases keys that are held back, and restarts the match", () => {
    const scanner = new DetachScanner(Buffer.from("PQ"));
    expect(scanner.scan(Buffer.from("aP")).forward.toString()).toBe("a");
    expect(scanner.isHolding).toBe(true);
    expect(scanner.release().toString()).toBe("P");
    expect(scanner.scan(Buffer.from("Q"))).toEqual({ forward: Buffer.from("Q"), detached: false });
  });

  test("detaches at once on a single key", () =>
    expect(typed("Q", "ab", "cQd")).toEqual({ passed: ["ab", "c"], detached: true }));

  test("never detaches without keys", () => expect(typed("", "PQ")).toEqual({ passed: ["PQ"], detached: false }));

  test("matches keys that repeat their own beginning, wherever they end", () => {
    for (const keys of ["aab", "aba", "abab", "aabaa", "aaab"]) {
      for (let word = 0; word < 2 ** 9; word += 1) {
        const text = word.toString(2).padStart(9, "0").replaceAll("0", "a").replaceAll("1", "b");
        const at = text.indexOf(keys);
        const kept =
          [...keys].map((_, length) => keys.slice(0, length)).findLast((start) => text.endsWith(start)) ?? "";
        const expected =
          at < 0
            ? { passed: [text.slice(0, text.length - kept.length)], detached: false }
            : { passed: [text.slice(0, at)], detached: true };
        expect(typed(keys, text), `${keys} in ${text}`).toEqual(expected);
      }
    }
  });
});
