import { describe, expect, test } from "vitest";
import { parseDockerignore } from "../../../../src/deploy/image/dockerignore.ts";

const FILES = [
  "a",
  "a.txt",
  "b/a",
  "b/c/a",
  "b/c/d.txt",
  "x/.git/y",
  ".git/z",
  "constructor",
  "toString/x",
  "A",
  "..a",
];

/** The files that are not ignored. */
const filterFiles = (text: string, files: readonly string[] = FILES) => {
  const isIgnored = parseDockerignore(text, ".dockerignore").matcher();
  return files.filter((file) => !isIgnored(file));
};

const ignored = (text: string, files: readonly string[] = FILES) => {
  const kept = filterFiles(text, files);
  return files.filter((file) => !kept.includes(file));
};

/** The expected values were recorded from docker. */
describe("matcher", () => {
  test.each<[pattern: string, expected: string[]]>([
    ["", []],
    ["# a", []],
    ["  \n\n", []],
    ["a", ["a"]],
    ["/a", ["a"]],
    ["a/", ["a"]],
    ["./a", ["a"]],
    ["  a  ", ["a"]],
    ["a\r", ["a"]],
    ["\uFEFFa", ["a"]],
    ["b", ["b/a", "b/c/a", "b/c/d.txt"]],
    ["b/c", ["b/c/a", "b/c/d.txt"]],
    ["b/x/../c", ["b/c/a", "b/c/d.txt"]],
    ["*/a", ["b/a"]],
    ["b/*", ["b/a", "b/c/a", "b/c/d.txt"]],
    ["b/*/*", ["b/c/a", "b/c/d.txt"]],
    ["**/a", ["a", "b/a", "b/c/a"]],
    ["**/c", ["b/c/a", "b/c/d.txt"]],
    ["b/**", ["b/a", "b/c/a", "b/c/d.txt"]],
    ["b/**/a", ["b/a", "b/c/a"]],
    ["**/.git", ["x/.git/y", ".git/z"]],
    ["*.txt", ["a.txt"]],
    ["**/*.txt", ["a.txt", "b/c/d.txt"]],
    ["**.txt", ["a.txt", "b/c/d.txt"]],
    ["*", FILES],
    ["**", FILES],
    [".", []],
    ["/", []],
    ["!.", []],
    ["..", []],
    ["../a", []],
    ["?", ["a", "b/a", "b/c/a", "b/c/d.txt", "x/.git/y", "A"]],
    ["[ab]", ["a", "b/a", "b/c/a", "b/c/d.txt"]],
    ["[^ab]", ["x/.git/y", "A"]],
    ["[A-B]", ["A"]],
    ["constructor", ["constructor"]],
    ["toString", ["toString/x"]],
    ["b\n!b/c", ["b/a"]],
    ["!b/c\nb", ["b/a", "b/c/a", "b/c/d.txt"]],
    ["*\n!**/a", FILES.filter((file) => !/(^|\/)a$/.test(file))],
    ["*\n! a.txt", FILES.filter((file) => file !== "a.txt")],
    ["b\n!b/c\nb/c/a", ["b/a", "b/c/a"]],
  ])("ignores files that match %j", (pattern, expected) => expect(ignored(pattern)).toEqual(expected));

  test.each<[pattern: string, file: string, other: string]>([
    ["a+b", "a+b", "aab"],
    ["a.b", "a.b", "axb"],
    ["c(d)", "c(d)", "cd"],
    ["x{2}", "x{2}", "xx"],
    ["x|y", "x|y", "x"],
    ["z^", "z^", "z"],
    ["m$", "m$", "m"],
    ["n\\*m", "n*m", "nxm"],
    ["n\\?m", "n?m", "nxm"],
    ["q[[]1]", "q[1]", "q1"],
    ["\\d", "d", "1"],
    ["\\#a", "#a", "a"],
    ["back\\\\s", "back\\s", "backs"],
    ["a b", "a b", "a"],
    ["é", "é", "e"],
  ])("matches %j with %j, not with %j", (pattern, file, other) => {
    expect(ignored(pattern, [file, other])).toEqual([file]);
  });
});

test.each(["[", "a[b", "a\\", "[]", "!", "! ", "[b-a]"])("rejects the pattern %j with its line", (pattern) =>
  expect(() => parseDockerignore(`# first\n${pattern}\n`, "x/.dockerignore")).toThrow(
    expect.objectContaining({
      code: "bad-dockerignore",
      message: `x/.dockerignore:2: expected a pattern, found ${JSON.stringify(pattern.trim())}`,
    }),
  ),
);

describe("mayKeepWithin", () => {
  test.each<[exceptions: string, folder: string, expected: boolean]>([
    ["", "b", false],
    ["!b/keep", "b", true],
    ["!b/keep", "b/c", false],
    ["!b/c/keep", "b/c", true],
    ["!b/c/keep", "c", false],
    ["!b", "b/c", false],
    ["!b/*", "b", true],
    ["!b/*", "b/c", false],
    ["!*.md", "b", false],
    ["!*/keep", "b", true],
    ["!**/keep", "b/c", true],
    ["!b/**", "b/c/d", true],
    ["!b/**", "c", false],
    ["!/b/keep", "b", true],
    ["! b/keep", "b", true],
    ["!**.md", "b", true],
  ])("detects whether exception %j may match in %s: %s", (exceptions, folder, expected) =>
    expect(parseDockerignore(`*\n${exceptions}`, "x").mayKeepWithin(folder)).toBe(expected),
  );
});
