import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { quoteVisibly, quoteWord, quoteWords, quoteWordsVisibly } from "../../../src/app/quote.ts";
import { splitWords } from "../../../src/app/shell-words.ts";

describe("quotes an argument in its shortest form", () => {
  test.each<[word: string, quoted: string]>([
    ["ls", "ls"],
    ["--name=value", "--name=value"],
    ["A=b", "A=b"],
    ["/usr/bin/env", "/usr/bin/env"],
    ["user@host:/a,b+c%20_d-e.f", "user@host:/a,b+c%20_d-e.f"],
    ["", "''"],
    ["a b", "'a b'"],
    ["$HOME", "'$HOME'"],
    ["it's", `"it's"`],
    ["'", `"'"`],
    ["it's $1", "'it'\\''s $1'"],
    ["it's `id`", "'it'\\''s `id`'"],
    ['"it\'s"', "'\"it'\\''s\"'"],
    ["it's a \\", "'it'\\''s a \\'"],
    ["it's new!", "'it'\\''s new!'"],
    ["a\nb", "'a\nb'"],
    ["\x1b[2J", "'\x1b[2J'"],
    ["é", "'é'"],
    ["=ls", "'=ls'"],
    ["%1", "%1"],
    ["a=~", "'a=~'"],
    ["{a,b}", "'{a,b}'"],
    ["#", "'#'"],
    ["!!", "'!!'"],
    ["^a", "'^a'"],
    ["***", "'***'"],
  ])("quotes %j as %s", (word, quoted) => expect(quoteWord(word)).toBe(quoted));
});

describe("quotes an argv as a command", () => {
  test("separates arguments by a space", () =>
    expect(quoteWords(["rake", "a b", "", "--x=1"])).toBe("rake 'a b' '' --x=1"));

  test("returns an empty command for no arguments", () => expect(quoteWords([])).toBe(""));

  test.each(["A=b", "_a1=", "PATH+=/x", "if", "while", "time", "function"])(
    "quotes a first argument %s that a shell would treat as syntax",
    (word) => expect(quoteWords([word, word])).toBe(`'${word}' ${word}`),
  );

  test.each(["a.b=c", "-A=b", "1=2", "iffy"])("does not quote a first argument %s without a special meaning", (word) =>
    expect(quoteWords([word])).toBe(word),
  );
});

/** Every byte that an argument may have, alone and between others; and special combinations. */
const HOSTILE = [
  ...Array.from({ length: 127 }, (_, index) => String.fromCharCode(index + 1)).flatMap((c) => [
    c,
    `a${c}b`,
    `${c}${c}`,
    `'${c}`,
  ]),
  ...[
    "",
    "a  b",
    " a ",
    "\\'",
    "'\\''",
    "''",
    "'''",
    `'"'"'`,
    "$(id)",
    `\${x}`,
    "$'a'",
    "`id`",
    "a\\\nb",
    "\r\n",
    "\n",
    "-n",
    "--",
  ],
  ...[
    "~root",
    "A=~",
    "a:~",
    "[a-z]*",
    "{1..3}",
    "!$",
    "&&",
    "2>&1",
    "<<E",
    "é€😀",
    "\u00a0",
    "\u2028",
    "\u202e",
    "%s\\0",
  ],
];

test("is read back by a real shell to the byte, for any argument", () => {
  const { stdout, stderr } = spawnSync("/bin/sh", ["-c", `printf '%s\\0' ${quoteWords(["x", ...HOSTILE])}`], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(stdout.split("\0").slice(1, -1)).toEqual(HOSTILE);
});

describe("quotes an argument for display", () => {
  test.each<[word: string, quoted: string]>([
    ["a b", "'a b'"],
    ["it's", `"it's"`],
    ["a\nb", "$'a\\nb'"],
    ["\x1b[2J0", "$'\\033[2J0'"],
    ["it's \\ \r\t", "$'it\\'s \\\\ \\r\\t'"],
    ["\u009b\u202e", "$'\\302\\233\\342\\200\\256'"],
  ])("quotes %j visibly as %s", (word, quoted) => expect(quoteVisibly(word)).toBe(quoted));

  test("shows no control characters", () =>
    expect(quoteWordsVisibly(HOSTILE)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/));

  test.each(["", "en_US.UTF-8"])("is read back by bash to the byte, with LC_ALL=%s", (LC_ALL) => {
    const command = `printf '%s\\0' ${quoteWordsVisibly(["x", ...HOSTILE])}`;
    const { stdout } = spawnSync("/bin/bash", ["-c", command], { encoding: "utf8", env: { LC_ALL } });
    expect(stdout.split("\0").slice(1, -1)).toEqual(HOSTILE);
  });
});

test.each(["/bin/sh", "/bin/bash"])("makes %s look for a program with the name of the first argument", (shell) => {
  for (const word of [
    "A=b",
    "A+=b",
    "if",
    "then",
    "fi",
    "while",
    "case",
    "esac",
    "{",
    "!",
    "[[",
    "time",
    "function",
    "(",
  ]) {
    const { status } = spawnSync(shell, ["-c", `${quoteWords([word])}; exit $?`], { env: { PATH: "/nowhere" } });
    expect([word, status]).toEqual([word, 127]);
  }
});

test("is split again by splitWords", () =>
  expect(splitWords(quoteWords(["x", ...HOSTILE]))).toEqual(["x", ...HOSTILE]));
