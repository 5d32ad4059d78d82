import { describe, expect, test } from "vitest";
import { parseDockerfile } from "../../../../src/deploy/image/dockerfile.ts";

/** Instructions as `line KEYWORD arg|arg`. */
const parse = (text: string) =>
  parseDockerfile(text).instructions.map(({ keyword, args, line }) => `${line} ${keyword} ${args.join("|")}`);

describe("instructions", () => {
  test.each<[what: string, text: string, expected: string[]]>([
    ["an empty file", "", []],
    ["keywords case-insensitively", "from a\nRun b c\n", ["1 FROM a", "2 RUN b|c"]],
    ["a byte order mark and CRLF", "\uFEFFFROM a\r\nRUN b\r\n", ["1 FROM a", "2 RUN b"]],
    ["comments and blank lines", "# x\n\n  # y\nFROM a\n\n", ["4 FROM a"]],
    ["continuation lines", "RUN a \\\n  b \\  \n c\nFROM d", ["1 RUN a|b|c", "4 FROM d"]],
    ["comments between continuation lines", "RUN a \\\n # b\n\n c\nFROM d", ["1 RUN a|c", "5 FROM d"]],
    ["an escaped backslash at the end of a line", "RUN a \\\\\nFROM d", ["1 RUN a|\\\\", "2 FROM d"]],
    ["# within a line", "RUN a # b", ["1 RUN a|#|b"]],
    ["quoted arguments", `LABEL a="b c" d='e f' g\\ h`, [`1 LABEL a="b c"|d='e f'|g\\ h`]],
    ["an unterminated quote", `RUN it's a`, ["1 RUN it|'|s|a"]],
    ["a continuation at the end of the file", "FROM a\nRUN b \\", ["1 FROM a", "2 RUN b"]],
  ])("parses %s", (_what, text, expected) => expect(parse(text)).toEqual(expected));
});

describe("heredocs", () => {
  test.each<[what: string, text: string, expected: string[]]>([
    ["of RUN", "RUN <<EOF\nFROM no\nEOF\nFROM yes", ["1 RUN <<EOF", "4 FROM yes"]],
    ["of COPY, quoted", 'COPY <<"EOF" /x\nFROM no\nEOF\nFROM yes', ['1 COPY <<"EOF"|/x', "4 FROM yes"]],
    [
      "<<- with tabs before the end",
      "RUN cat <<-E > /x\nFROM no\n\tE\nFROM yes",
      ["1 RUN cat|<<-E|>|/x", "4 FROM yes"],
    ],
    ["<< with tabs before the end", "RUN <<E\n\tE\nFROM no\nE\nFROM yes", ["1 RUN <<E", "5 FROM yes"]],
    ["two heredocs", "COPY <<A <<B /\nFROM no\nA\nFROM no\nB\nFROM yes", ["1 COPY <<A|<<B|/", "6 FROM yes"]],
    ["<< in quotes", 'RUN echo "a <<EOF b"\nFROM yes\nEOF', ['1 RUN echo|"a <<EOF b"', "2 FROM yes", "3 EOF "]],
    ["without an end", "RUN cat <<EOF\nFROM yes", ["1 RUN cat|<<EOF", "2 FROM yes"]],
    ["<< in other instructions", "LABEL a <<EOF\nFROM yes\nEOF", ["1 LABEL a|<<EOF", "2 FROM yes", "3 EOF "]],
  ])("skips the content of heredocs: %s", (_what, text, expected) => expect(parse(text)).toEqual(expected));
});

describe("directives", () => {
  test.each<[what: string, text: string, expected: string | undefined]>([
    ["at the top", "# syntax=docker/dockerfile:1\nFROM a", "docker/dockerfile:1"],
    ["with white space and upper case", "#  Syntax = a/b:c  \nFROM a", "a/b:c"],
    ["after another directive", "# escape=`\n# syntax=a\nFROM a", "a"],
    ["not after a comment", "# hello\n# syntax=a\nFROM a", undefined],
    ["not after a blank line", "\n# syntax=a\nFROM a", undefined],
    ["not after an instruction", "FROM a\n# syntax=a", undefined],
  ])("reads # syntax= %s", (_what, text, expected) => expect(parseDockerfile(text).syntax).toBe(expected));

  test("applies # escape= to continuation lines", () =>
    expect(parse("# escape=`\nRUN a `\n b\nRUN c \\\nFROM d")).toEqual(["2 RUN a|b", "4 RUN c|\\", "5 FROM d"]));
});
