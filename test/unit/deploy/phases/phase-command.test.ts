import { describe, expect, test } from "vitest";
import { phaseCommand } from "../../../../src/deploy/phases/phase-command.ts";

const of = (line: string, entrypoint?: readonly string[] | null, shell?: string) =>
  phaseCommand({ phase: "release", line }, entrypoint, shell);

const codeOf = (line: string, entrypoint: readonly string[]) => {
  try {
    return of(line, entrypoint);
  } catch (error) {
    return (error as { code: string }).code;
  }
};

const underShell = ["sh", "-c", expect.stringContaining("exec bash -eo pipefail"), "sh"];

describe("a line runs under a shell, as it is, where the entrypoint is", () => {
  test.each([
    ["absent", undefined],
    ["null", null],
    ["empty", []],
    ["taken away", [""]],
    ["/tini", ["/tini", "--"]],
    ["/bin/tini", ["/bin/tini", "--"]],
    ["/usr/bin/tini", ["/usr/bin/tini", "--"]],
    ["/usr/local/bin/tini", ["/usr/local/bin/tini", "--"]],
  ])("%s", (_what, entrypoint) => {
    expect(of(`a && b "c`, entrypoint)).toEqual([...underShell, `a && b "c`]);
  });
});

describe("what is only like one of the four tinis is an entrypoint as any other", () => {
  test.each([
    [["tini", "--"]],
    [["/sbin/tini", "--"]],
    [["/tini"]],
    [["/tini", "-g", "--"]],
    [["/tini", "--", "/entry.sh"]],
    [["/usr/bin/dumb-init", "--"]],
    [["/tini --"]],
  ])("%j", (entrypoint) => {
    expect(of("rake db:migrate", entrypoint)).toEqual(["rake", "db:migrate"]);
    expect(codeOf("a && b", entrypoint)).toBe("phase-needs-shell");
  });
});

test("a shell that oneoff.yaml names is the one", () => {
  const [first, option, script, ...rest] = of("a; b", undefined, "/opt/dash");
  expect([first, option, ...rest]).toEqual(["/opt/dash", "-c", "/opt/dash", "a; b"]);
  expect(script).not.toContain("bash");
});

describe("an entrypoint is given the words of", () => {
  test.each([
    ["touch /app/release.test", ["touch", "/app/release.test"]],
    [`sh -c 'a && b | c' "d  e" ''`, ["sh", "-c", "a && b | c", "d  e", ""]],
    ["exec rake db:migrate", ["exec", "rake", "db:migrate"]],
    ["A=b c", ["A=b", "c"]],
    ["  cd  x ", ["cd", "x"]],
    ["a\\ b '$HOME'", ["a b", "$HOME"]],
  ])("%s", (line, words) => {
    expect(of(line, ["docker-entrypoint.sh"])).toEqual(words);
  });
});

describe("an entrypoint cannot be given", () => {
  test.each([
    "a && b",
    "a; b",
    "a | b",
    "a > b",
    "echo $HOME",
    "echo `x`",
    "ls *",
    "a\nb",
    `echo "open`,
    "echo 'open",
    "a \\",
  ])("%j", (line) => {
    expect(codeOf(line, ["/entry"])).toBe("phase-needs-shell");
  });

  test("what has a secret in it, which is not told", () => {
    expect(() => of("API_TOKEN=hunter2 a && b", ["/entry"])).toThrow(
      'The release phase: "API_TOKEN=*** a && b" takes a shell, and the words of a phase go to the image\'s ENTRYPOINT "/entry" without one',
    );
  });
});

describe("an entrypoint that is a line for a shell", () => {
  test.each([
    [["/bin/sh", "-c", "npm start"]],
    [["bash", "-ec", "exec npm start"]],
    [["/bin/ash", "-c", "echo $PORT $(date)"]],
  ])("%j ignores all words, and would start the app", (entrypoint) => {
    expect(codeOf("rake", entrypoint)).toBe("phase-without-words");
  });

  test.each([
    [["/bin/sh", "-c", 'exec "$@"', "sh"]],
    [["/bin/sh", "-c", 'exec "$0" "$@"']],
    [["/bin/sh", "-c", `exec app $\{1}`]],
    [["/bin/sh", "-e", "/entry.sh"]],
    [["/entry.sh", "-c", "x"]],
  ])("%j takes them", (entrypoint) => {
    expect(of("rake", entrypoint)).toEqual(["rake"]);
  });
});
