import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { needsShell, procfileArgv, splitWords } from "../../../src/app/words.ts";

const sh = (script: string, ...words: string[]) =>
  spawnSync("sh", ["-c", script, "sh", ...words], { encoding: "utf8" });
const printed = (words: string[]) => words.map((word) => `<${word}>`).join("");

describe("splitWords", () => {
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

  test.each(lines)("%j is plain words", (line, words) => expect(splitWords(line)).toEqual(words));

  test.each(lines.filter(([, words]) => words.length > 0))("%j makes the words a shell makes of it", (line, words) => {
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
  ])("%j needs a shell", (line) => expect(splitWords(line)).toBeUndefined());

  test.each(["exec node web.js", "cd /app", ". ./env", "'exec' x"])("%j is for a shell's built-in command", (line) =>
    expect(splitWords(line)).toBeUndefined(),
  );

  test.each(["echo 'x", 'echo "x', 'echo "x\\"', "echo x\\", 'echo "x\\'])("%j is never closed", (line) =>
    expect(splitWords(line)).toBeUndefined(),
  );
});

test.each(["ls -l", " ls", "a\tb", "'ls'", "a\\b", "$HOME", "a;b", "a|b", "*.rb", "~", "#a", '""'])(
  "%j as a command needs a shell",
  (word) => expect(needsShell(word)).toBe(true),
);

test.each(["ls", "/usr/bin/env", "exec", "A=b", "--help", "rake:x", "python3.12", "a#b", ""])(
  "%j as a command needs no shell",
  (word) => expect(needsShell(word)).toBe(false),
);

const nasty = ["", "'", '"', "\\", "''", "\\'", "$x`y`", "a\nb\n", "*", "~", "!", "#", " ", "-n", "A=b", "é", ";&|<>"];

test("any word in single quotes is read back as it was", () => {
  const quoted = nasty.map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  expect(splitWords(["echo", ...quoted].join(" "))).toEqual(["echo", ...nasty]);
});

describe("procfileArgv", () => {
  test("plain words become an argv, with the further words behind them", () => {
    expect(procfileArgv("bin/rails console", [])).toEqual(["bin/rails", "console"]);
    expect(procfileArgv("bin/rails 'a b'", ["-e", "x y", ""])).toEqual(["bin/rails", "a b", "-e", "x y", ""]);
  });

  test("a line for a shell is run by the shell, as it is when no words follow", () => {
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
  ])("%j takes the further words as %j", (command, script) =>
    expect(procfileArgv(command, ["a b"], "/bin/sh")).toEqual(["/bin/sh", "-c", script, "/bin/sh", "a b"]),
  );

  test.each(["echo 'x", 'echo "$x', "echo $(x", "echo `x", "a |", "a &&", "a ||", "a ;;", "a & ;", "$x |"])(
    "%j is broken, and left for the shell to complain of",
    (command) => expect(procfileArgv(command, ["rm"])).toEqual(["sh", "-c", command, "sh", "rm"]),
  );

  test("the words reach the command in a real shell, each whole", () => {
    for (const command of ["x=1; printf '<%s>' $x # note", "false || printf '<%s>' 1;", "exec printf '<%s>' 1"]) {
      const [shell = "", ...args] = procfileArgv(command, ["a b", "", "$x", "'"]);
      expect(spawnSync(shell, args, { encoding: "utf8" }).stdout).toBe("<1><a b><><$x><'>");
    }
  });
});
