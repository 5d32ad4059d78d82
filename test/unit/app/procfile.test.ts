import { expect, test } from "vitest";
import { isProcessType, parseProcfile } from "../../../src/app/procfile.ts";

const entries = (text: string) => [...parseProcfile(text)];

test("keeps entries in the order of the file", () =>
  expect(entries("web: node web.js\nworker: node worker.js\n2custom: x\nalpha_1: y\n")).toEqual([
    ["web", "node web.js"],
    ["worker", "node worker.js"],
    ["2custom", "x"],
    ["alpha_1", "y"],
  ]));

test("accepts blank lines, comments, indentation, CRLF, a byte order mark and spaces around the colon", () =>
  expect(entries("\uFEFF# a\r\n\r\n// b\r\n   \t\r\n  web   :   node web.js  \r\n\tworker:x\r\n  # c: d")).toEqual([
    ["web", "node web.js"],
    ["worker", "x"],
  ]));

test.each([
  ["node a # b", "node a"],
  ["node a # b # c", "node a"],
  ["node a // b", "node a"],
  ["node a // b # c", "node a"],
  ["node a # b // c", "node a"],
  ["node a\t#b", "node a"],
  ["node a #", "node a"],
  ["node a //", "node a"],
  ["node a # don't", "node a"],
  ["node a // don't", "node a"],
  ["node a#b", "node a#b"],
  ["node a//b", "node a//b"],
  ["ls //srv", "ls //srv"],
  ["curl http://x/#y", "curl http://x/#y"],
  ["curl http://x // y", "curl http://x"],
  ['sh -c "echo # x"', 'sh -c "echo # x"'],
  ["sh -c 'echo // x' # y", "sh -c 'echo // x'"],
  ['sh -c "a \\" # b" # c', 'sh -c "a \\" # b"'],
  ["echo \\# x # y", "echo \\# x"],
  ["echo \\ # y", "echo \\ # y"],
  ["echo 'a'#b", "echo 'a'#b"],
  ['echo "$(date "+%F # %T")" # x', 'echo "$(date "+%F # %T")"'],
  ["echo $(a # b) $((3 # 1)) `e # f`", "echo $(a # b) $((3 # 1)) `e # f`"],
  ["echo it's # open", "echo it's # open"],
  ["8080: x", "8080: x"],
  ["node --port $PORT", "node --port $PORT"],
])("parses the command of %j as %j", (line, command) => expect(entries(`web: ${line}`)).toEqual([["web", command]]));

test("accepts names of object properties as process types", () =>
  expect(entries("__proto__: a\nconstructor: b")).toEqual([
    ["__proto__", "a"],
    ["constructor", "b"],
  ]));

test("accepts a name of 63 characters and a line of 64 KiB", () => {
  const name = "n".repeat(63);
  const command = "x".repeat(65_536 - 5);
  expect(entries(`${name}: a\nweb: ${command}\r`.replace("\r", ""))).toEqual([
    [name, "a"],
    ["web", command],
  ]);
  expect(isProcessType(name)).toBe(true);
  expect(isProcessType(`${name}n`)).toBe(false);
  expect(isProcessType("")).toBe(false);
  expect(isProcessType("a b")).toBe(false);
});

test.each([
  ["web: a\nnonsense\n", 'Procfile:2: expected "name: command", found "nonsense"'],
  ["my.web: a", 'Procfile:1: expected "name: command", found "my.web: a"'],
  ["my web: a", 'Procfile:1: expected "name: command", found "my web: a"'],
  [": a", 'Procfile:1: expected "name: command", found ": a"'],
  ["web: a\0b", 'Procfile:1: expected "name: command", found "web: a\\u0000b"'],
  ["web: a\rworker: b", 'Procfile:1: expected "name: command", found "web: a\\rworker: b"'],
  ["\x1b[2J\x9b\u202e", 'Procfile:1: expected "name: command", found "\\u001b[2J\\u009b\\u202e"'],
  ["x".repeat(61), `Procfile:1: expected "name: command", found "${"x".repeat(60)}…"`],
  ["web:", 'Procfile:1: expected a command after "web:", found nothing'],
  ["\nweb: # a", 'Procfile:2: expected a command after "web:", found only a comment'],
  ["web: //a", 'Procfile:1: expected a command after "web:", found only a comment'],
  ["web: #", 'Procfile:1: expected a command after "web:", found only a comment'],
  ["web: a\n\nweb: b", 'Procfile:3: the process type "web" already exists on line 1'],
  [`${"n".repeat(64)}: a`, `Procfile:1: the process type "${"n".repeat(60)}…" has 64 characters; the maximum is 63`],
  [`web: a\n#${"é".repeat(32_768)}`, "Procfile:2: the line has 65537 bytes; the maximum is 65536"],
  ["", 'Procfile: expected at least one "name: command" line, found none'],
  ["# a\n\n", 'Procfile: expected at least one "name: command" line, found none'],
  ["<<<<<<< HEAD\nweb: a", 'Procfile:1: expected "name: command", found the conflict marker "<<<<<<< HEAD"'],
  ["web: a\n=======\n", 'Procfile:2: expected "name: command", found the conflict marker "======="'],
  ["web: a\r\n>>>>>>> b\r\n", 'Procfile:2: expected "name: command", found the conflict marker ">>>>>>> b"'],
  ["||||||| base", 'Procfile:1: expected "name: command", found the conflict marker "||||||| base"'],
])("rejects %.40j", (text, message) =>
  expect(() => parseProcfile(text)).toThrow(
    expect.objectContaining({ code: "bad-procfile", kind: "usage", message, exit: undefined }),
  ),
);

test("names the given file in errors", () =>
  expect(() => parseProcfile("x", "config/Procfile.dev")).toThrow(
    expect.objectContaining({ message: 'config/Procfile.dev:1: expected "name: command", found "x"' }),
  ));

test("explains a command that continues in the next line", () =>
  expect(() => parseProcfile("web: node \\\r\n  web.js\r\n")).toThrow(
    expect.objectContaining({
      message: 'Procfile:2: expected "name: command", found "web.js"',
      next: 'write the command on one line: a "\\" at the end of a line does not continue it',
    }),
  ));
