import { describe, expect, test } from "vitest";
import { parseDockerfile } from "../../../../src/deploy/image/dockerfile.ts";

/** Each instruction as `line KEYWORD word|word`. */
const read = (text: string) =>
  parseDockerfile(text).instructions.map(({ keyword, args: words, line }) => `${line} ${keyword} ${words.join("|")}`);

describe("instructions", () => {
  test.each<[what: string, text: string, expected: string[]]>([
    ["nothing", "", []],
    ["one, in any case of letters", "from a\nRun b c\n", ["1 FROM a", "2 RUN b|c"]],
    ["with a byte order mark and line ends of Windows", "\uFEFFFROM a\r\nRUN b\r\n", ["1 FROM a", "2 RUN b"]],
    ["with comments and blank lines about", "# x\n\n  # y\nFROM a\n\n", ["4 FROM a"]],
    ["over several lines", "RUN a \\\n  b \\  \n c\nFROM d", ["1 RUN a|b|c", "4 FROM d"]],
    ["with comments and blank lines in between", "RUN a \\\n # b\n\n c\nFROM d", ["1 RUN a|c", "5 FROM d"]],
    ["a backslash that is escaped continues nothing", "RUN a \\\\\nFROM d", ["1 RUN a|\\\\", "2 FROM d"]],
    ["a # that begins no line is no comment", "RUN a # b", ["1 RUN a|#|b"]],
    ["what is in quotes is one word", `LABEL a="b c" d='e f' g\\ h`, [`1 LABEL a="b c"|d='e f'|g\\ h`]],
    ["a quote that does not end", `RUN it's a`, ["1 RUN it|'|s|a"]],
    ["one that ends in the middle of the file", "FROM a\nRUN b \\", ["1 FROM a", "2 RUN b"]],
  ])("%s", (_what, text, expected) => expect(read(text)).toEqual(expected));
});

describe("documents below an instruction are none of it", () => {
  test.each<[what: string, text: string, expected: string[]]>([
    ["of RUN", "RUN <<EOF\nFROM no\nEOF\nFROM yes", ["1 RUN <<EOF", "4 FROM yes"]],
    ["of COPY, quoted", 'COPY <<"EOF" /x\nFROM no\nEOF\nFROM yes', ['1 COPY <<"EOF"|/x', "4 FROM yes"]],
    ["with tabs before its end", "RUN cat <<-E > /x\nFROM no\n\tE\nFROM yes", ["1 RUN cat|<<-E|>|/x", "4 FROM yes"]],
    ["with tabs where none are allowed", "RUN <<E\n\tE\nFROM no\nE\nFROM yes", ["1 RUN <<E", "5 FROM yes"]],
    ["two of them", "COPY <<A <<B /\nFROM no\nA\nFROM no\nB\nFROM yes", ["1 COPY <<A|<<B|/", "6 FROM yes"]],
    ["in quotes it is none", 'RUN echo "a <<EOF b"\nFROM yes\nEOF', ['1 RUN echo|"a <<EOF b"', "2 FROM yes", "3 EOF "]],
    ["one without an end is none", "RUN cat <<EOF\nFROM yes", ["1 RUN cat|<<EOF", "2 FROM yes"]],
    ["other instructions have none", "LABEL a <<EOF\nFROM yes\nEOF", ["1 LABEL a|<<EOF", "2 FROM yes", "3 EOF "]],
  ])("%s", (_what, text, expected) => expect(read(text)).toEqual(expected));
});

describe("directives", () => {
  test.each<[what: string, text: string, expected: string | undefined]>([
    ["at the top", "# syntax=docker/dockerfile:1\nFROM a", "docker/dockerfile:1"],
    ["with white space, in any case", "#  Syntax = a/b:c  \nFROM a", "a/b:c"],
    ["after another", "# escape=`\n# syntax=a\nFROM a", "a"],
    ["not after a comment", "# hello\n# syntax=a\nFROM a", undefined],
    ["not after a blank line", "\n# syntax=a\nFROM a", undefined],
    ["not after an instruction", "FROM a\n# syntax=a", undefined],
  ])("%s", (_what, text, expected) => expect(parseDockerfile(text).syntax).toBe(expected));

  test("another sign may continue lines", () =>
    expect(read("# escape=`\nRUN a `\n b\nRUN c \\\nFROM d")).toEqual(["2 RUN a|b", "4 RUN c|\\", "5 FROM d"]));
});
