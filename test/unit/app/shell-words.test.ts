import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { needsShell, procfileArgv, splitWords } from "../../../src/app/shell-words.ts";

const sh = (script: string, ...words: string[]) =>
  spawnSync("sh", ["-c", script, "sh", ...words], { encoding: "utf8" });
const printed = (words: string[]) => words.map((word) => `<${word}>`).join("");

describe("splits a command into arguments", () => {
  const lines: [string, string[]][] = [
    ["node web.js --port 5000", ["node", "web.js", "--port", "5000"]],
    ["  \t tabs\tand   blanks ", ["tabs", "and", "blanks"]],
    ["echo 'a b' \"c d\"", ["echo", "a b", "c d"]],
    ["echo a'b c'\"d e\"f", ["echo", "ab cd ef"]],
    ["echo '' \"\"", ["echo", "", ""]],
    ["echo '\\' '\"' \"'\"", ["echo", "\\", '"', "'"]],
    ['echo "\\"" "\\\\" "\\$HOME" "\\`" "\\n" "\\\'"', ["echo", '"', "\\", "$HOME", "`", "\\n", "\\'"]],
    ["echo a\\ b \\\\ \\' \\$x \\#", ["echo", "a b", "\\", "'", "$x", "#"]],
    ["echo '$x' '`x`' '*' ';' '#' '~' 'a\nb' \"a\nb\"", ["echo", "$x", "`x`", "*", ";", "#", "~", "a\nb", "a\nb"]],
    ['echo "a;b|c&d<e>f(g)h*i?j[k]l{m}n~o!p#q"', ["echo", "a;b|c&d<e>f(g)h*i?j[k]l{m}n~o!p#q"]],
    ["echo a#b a=b --x=y http://h/p,q@r:1%2+3^4", ["echo", "a#b", "a=b", "--x=y", "http://h/p,q@r:1%2+3^4"]],
    ["echo é\u00a0€", ["echo", "é\u00a0€"]],
    ["", []],
    [" \t", []],
  ];

  test.each(lines)("splits %j into arguments", (line, words) => expect(splitWords(line)).toEqual(words));

  test.each(lines.filter(([, words]) => words.length > 0))("splits %j like a shell", (line, words) => {
    const { stdout } = sh(line.replace(/^\s*\S+/, "printf '<%s>'"));
    expect(stdout).toBe(printed(words.slice(1)));
  });

  test.each([
    "echo $x",
    'echo "$x"',
    "echo $(x)",
    'echo "`x`"',
    "echo `x`",
    ...[..."|&;<>()*?[]{}~!"].map((c) => `echo a${c}b`),
    "echo # x",
    "#x",
    "echo\necho",
    "echo \\\n x",
    'echo "\\\n"',
    "A=b rake",
    "A= rake",
    " A=b",
  ])("reports that %j needs a shell", (line) => expect(splitWords(line)).toBeUndefined());

  test.each(["exec node web.js", "cd /app", ". ./env", "'exec' x"])(
    "reports that %j needs a shell for its built-in command",
    (line) => expect(splitWords(line)).toBeUndefined(),
  );

  test.each(["echo 'x", 'echo "x', 'echo "x\\"', "echo x\\", 'echo "x\\'])(
    "reports a missing closing quote in %j",
    (line) => expect(splitWords(line)).toBeUndefined(),
  );
});

test.each(["ls -l", " ls", "a\tb", "'ls'", "a\\b", "$HOME", "a;b", "a|b", "*.rb", "~", "#a", '""'])(
  "reports that the command %j needs a shell",
  (word) => expect(needsShell(word)).toBe(true),
);

test.each(["ls", "/usr/bin/env", "exec", "A=b", "--help", "rake:x", "python3.12", "a#b", ""])(
  "reports that the command %j needs no shell",
  (word) => expect(needsShell(word)).toBe(false),
);

const nasty = ["", "'", '"', "\\", "''", "\\'", "$x`y`", "a\nb\n", "*", "~", "!", "#", " ", "-n", "A=b", "é", ";&|<>"];

test("reads back any argument in single quotes", () => {
  const quoted = nasty.map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  expect(splitWords(["echo", ...quoted].join(" "))).toEqual(["echo", ...nasty]);
});

describe("builds the argv of a Procfile command", () => {
  test("appends further arguments to a command without shell syntax", () => {
    expect(procfileArgv("bin/rails console", [])).toEqual(["bin/rails", "console"]);
    expect(procfileArgv("bin/rails 'a b'", ["-e", "x y", ""])).toEqual(["bin/rails", "a b", "-e", "x y", ""]);
  });

  test("runs a command with shell syntax in a shell, unchanged without further arguments", () => {
    expect(procfileArgv("node web.js --port $PORT", [])).toEqual(["sh", "-c", "node web.js --port $PORT"]);
    expect(procfileArgv("a; b &", [], "/bin/bash")).toEqual(["/bin/bash", "-c", "a; b &"]);
  });

  test.each([
    ["echo $x", 'echo $x "$@"'],
    ["cd /app && rake", 'cd /app && rake "$@"'],
    ["exec rake", 'exec rake "$@"'],
    ["echo $x # note", 'echo $x  "$@"'],
    ["echo $x # don't; use \"", 'echo $x  "$@"'],
    ["# one\necho $x # two", '# one\necho $x  "$@"'],
    ["# don't\necho $x", '# don\'t\necho $x "$@"'],
    ["echo $x \\# y", 'echo $x \\# y "$@"'],
    ["echo '# y' $x", "echo '# y' $x \"$@\""],
    ["echo $x;", 'echo $x "$@"'],
    ["echo $x ; ", 'echo $x  "$@"'],
    ["echo $x &", 'echo $x  "$@" &'],
    ["find . -name $x -exec ls {} \\;", 'find . -name $x -exec ls {} \\; "$@"'],
    ["echo $x \\\\;", 'echo $x \\\\ "$@"'],
    ["echo $x ';'", "echo $x ';' \"$@\""],
    ["echo $x > log", 'echo $x > log "$@"'],
    ['echo "$(echo "a # b")"', 'echo "$(echo "a # b")" "$@"'],
    ["echo `echo ';'`", "echo `echo ';'` \"$@\""],
    ["echo $x \\", 'echo $x \\\\ "$@"'],
    ["echo $x \\\\", 'echo $x \\\\ "$@"'],
    ["echo $x;# note", 'echo $x "$@"'],
    ["echo $x \\|", 'echo $x \\| "$@"'],
  ])("appends further arguments to %j as %j", (command, script) =>
    expect(procfileArgv(command, ["a b"], "/bin/sh")).toEqual(["/bin/sh", "-c", script, "/bin/sh", "a b"]),
  );

  test.each(["echo 'x", 'echo "$x', "echo $(x", "echo `x", "a |", "a &&", "a ||", "a ;;", "a & ;", "$x |"])(
    "leaves the broken command %j for the shell to reject",
    (command) => expect(procfileArgv(command, ["rm"])).toEqual(["sh", "-c", command, "sh", "rm"]),
  );

  test("passes each argument unchanged to the command in a real shell", () => {
    for (const command of ["x=1; printf '<%s>' $x # note", "false || printf '<%s>' 1;", "exec printf '<%s>' 1"]) {
      const [shell = "", ...args] = procfileArgv(command, ["a b", "", "$x", "'"]);
      expect(spawnSync(shell, args, { encoding: "utf8" }).stdout).toBe("<1><a b><><$x><'>");
    }
  });
});
