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

const shellArgs = ["sh", "-c", expect.stringContaining("exec bash -eo pipefail"), "sh"];

describe("without an entrypoint", () => {
  test.each([
    ["absent", undefined],
    ["null", null],
    ["empty", []],
    ["removed", [""]],
    ["/tini", ["/tini", "--"]],
    ["/bin/tini", ["/bin/tini", "--"]],
    ["/usr/bin/tini", ["/usr/bin/tini", "--"]],
    ["/usr/local/bin/tini", ["/usr/local/bin/tini", "--"]],
  ])("runs a line in a shell if the entrypoint is %s", (_what, entrypoint) => {
    expect(of(`a && b "c`, entrypoint)).toEqual([...shellArgs, `a && b "c`]);
  });
});

describe("with an entrypoint similar to tini", () => {
  test.each([
    [["tini", "--"]],
    [["/sbin/tini", "--"]],
    [["/tini"]],
    [["/tini", "-g", "--"]],
    [["/tini", "--", "/entry.sh"]],
    [["/usr/bin/dumb-init", "--"]],
    [["/tini --"]],
  ])("passes arguments to the entrypoint %j", (entrypoint) => {
    expect(of("rake db:migrate", entrypoint)).toEqual(["rake", "db:migrate"]);
    expect(codeOf("a && b", entrypoint)).toBe("phase-needs-shell");
  });
});

test("uses the shell of oneoff.yaml", () => {
  const [first, option, script, ...rest] = of("a; b", undefined, "/opt/dash");
  expect([first, option, ...rest]).toEqual(["/opt/dash", "-c", "/opt/dash", "a; b"]);
  expect(script).not.toContain("bash");
});

describe("with an entrypoint", () => {
  test.each([
    ["touch /app/release.test", ["touch", "/app/release.test"]],
    [`sh -c 'a && b | c' "d  e" ''`, ["sh", "-c", "a && b | c", "d  e", ""]],
    ["exec rake db:migrate", ["exec", "rake", "db:migrate"]],
    ["A=b c", ["A=b", "c"]],
    ["  cd  x ", ["cd", "x"]],
    ["a\\ b '$HOME'", ["a b", "$HOME"]],
  ])("passes the arguments of %s", (line, args) => {
    expect(of(line, ["docker-entrypoint.sh"])).toEqual(args);
  });
});

describe("with a line that needs a shell", () => {
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
  ])("rejects the line %j for an entrypoint", (line) => {
    expect(codeOf(line, ["/entry"])).toBe("phase-needs-shell");
  });

  test("masks secrets of a rejected line", () => {
    expect(() => of("API_TOKEN=hunter2 a && b", ["/entry"])).toThrow(
      'The release phase needs a shell for "API_TOKEN=*** a && b", but the image\'s ENTRYPOINT "/entry" gets the command without a shell',
    );
  });
});

describe("with an entrypoint in shell form", () => {
  test.each([
    [["/bin/sh", "-c", "npm start"]],
    [["bash", "-ec", "exec npm start"]],
    [["/bin/ash", "-c", "echo $PORT $(date)"]],
  ])("rejects the entrypoint %j, which ignores arguments", (entrypoint) => {
    expect(codeOf("rake", entrypoint)).toBe("phase-without-words");
  });

  test.each([
    [["/bin/sh", "-c", 'exec "$@"', "sh"]],
    [["/bin/sh", "-c", 'exec "$0" "$@"']],
    [["/bin/sh", "-c", `exec app $\{1}`]],
    [["/bin/sh", "-e", "/entry.sh"]],
    [["/entry.sh", "-c", "x"]],
  ])("passes arguments to the shell entrypoint %j", (entrypoint) => {
    expect(of("rake", entrypoint)).toEqual(["rake"]);
  });
});
