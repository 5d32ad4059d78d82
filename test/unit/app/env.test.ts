import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { envList, mergeEnv, parseEnvFile, parseEnvFlag, quotedNames } from "../../../src/app/env.ts";

const here = { HOME: "/root", EMPTY: "", GONE: undefined };
const file = (text: string) => envList(parseEnvFile(Buffer.from(text), ".env", here));

test.each<[string, string, string[]]>([
  [
    "values are verbatim",
    "A=b\nC=\"d\"\nE='f'\nG=h # i\nJ=k=l\nM= n \n",
    ["A=b", 'C="d"', "E='f'", "G=h # i", "J=k=l", "M= n "],
  ],
  ["values are not expanded", "A=$HOME\nB=\\n\nC=$D", ["A=$HOME", "B=\\n", "C=$D"]],
  ["a value may be empty", "A=\nB=", ["A=", "B="]],
  ["blank lines and comments are skipped", "\n  \n#A=b\n \t# c\nD=e", ["D=e"]],
  ["white space in front of a line is dropped, of any kind", " \t\v\f\u00a0\u2003A=b", ["A=b"]],
  ["a byte order mark is dropped at the head of the file", "\uFEFFA=\uFEFFb", ["A=\uFEFFb"]],
  [
    "one carriage return is dropped at the end of a line",
    "A=b\r\nC=d\r\r\nHOME\r\nE=f\r",
    ["A=b", "C=d\r", "HOME=/root", "E=f"],
  ],
  ["a name alone is inherited, or skipped", "HOME\nEMPTY\nGONE\nMISSING\nconstructor", ["HOME=/root", "EMPTY="]],
  ["the last value wins, in the first place", "A=1\nB=2\nA=3", ["A=3", "B=2"]],
  ["odd names are left to the program", "a.b-c=1\n1=2\n__proto__=3\né=4", ["a.b-c=1", "1=2", "__proto__=3", "é=4"]],
  ["an empty file is no variables", "", []],
  ["a line may be long", `A=${"x".repeat(100_000)}`, [`A=${"x".repeat(100_000)}`]],
])("parses an env file: %s", (_what, text, list) => expect(file(text)).toEqual(list));

test.each([
  ["A=b\n=secret", "bad-env", ".env:2: expected NAME=VALUE or NAME, found no name"],
  ["=", "bad-env", ".env:1: expected NAME=VALUE or NAME, found no name"],
  ["export A=secret", "bad-env", '.env:1: expected "A=", found "export" before it'],
  ["\n\nA =secret", "bad-env", '.env:3: expected NAME=VALUE or NAME, found white space after "A"'],
  ["secret words=", "bad-env", ".env:1: expected NAME=VALUE or NAME, found white space in the name"],
  [
    "A=-----BEGIN KEY-----\nsecret words",
    "bad-env",
    ".env:2: expected NAME=VALUE or NAME, found white space in the name",
  ],
  ["secret ", "bad-env", ".env:1: expected NAME=VALUE or NAME, found white space in the name"],
  ["A=b\nB=secret\0", "not-text", ".env:2: expected text in UTF-8, found a NUL byte"],
])("rejects %j without showing its value", (text, code, message) => {
  expect(() => file(text)).toThrow(expect.objectContaining({ code, kind: "usage", message }));
  expect(message).not.toContain("secret");
});

test("reports the line of bytes that are not UTF-8", () =>
  expect(() => parseEnvFile(Buffer.from("A=b\nC=\xe9\n", "latin1"), "x.env", {})).toThrow(
    expect.objectContaining({ message: "x.env:2: expected text in UTF-8, found bytes that are not UTF-8" }),
  ));

test.each([
  ["A=b", ["A", "b"]],
  ["A=b=c", ["A", "b=c"]],
  ["A=", ["A", ""]],
  ["A= b ", ["A", " b "]],
  ["A=b\nc", ["A", "b\nc"]],
  ["HOME", ["HOME", "/root"]],
  ["EMPTY", ["EMPTY", ""]],
  ["GONE", undefined],
  ["toString", undefined],
])("parses the flag %j as %j", (flag, pair) => expect(parseEnvFlag(flag, here)).toEqual(pair));

test.each(["=secret", "=", ""])("rejects the flag %j without showing its value", (flag) =>
  expect(() => parseEnvFlag(flag, here)).toThrow(
    expect.objectContaining({
      code: "bad-env",
      kind: "usage",
      message: "--env: expected NAME=VALUE or NAME, found no name",
    }),
  ),
);

test("overrides earlier layers by later ones", () => {
  const env = mergeEnv(new Map([["A", "1"]]), new Map(), new Map([["B", "2"]]), new Map([["A", "3"]]));
  expect(envList(env)).toEqual(["A=3", "B=2"]);
  expect(envList(mergeEnv())).toEqual([]);
});

test("finds whole values in quotes", () => {
  const env = parseEnvFile(Buffer.from(`A="x"\nB='y'\nC="x\nD=x"\nE="x'\nF="\nG=""\nH=x`), ".env", {});
  expect(quotedNames(env)).toEqual(["A", "B", "G"]);
});
