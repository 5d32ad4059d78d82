import { expect, test } from "vitest";
import { appInfoCommand } from "../../../src/cli/apps/app-info.ts";
import { appsCommand } from "../../../src/cli/apps/apps.ts";
import { splitArgv } from "../../../src/cli/argv.ts";
import { runOptions } from "../../../src/cli/run/run-options.ts";
import type { CommandShape } from "../../../src/cli/shapes.ts";

const version = { type: "boolean", alias: "V", describe: "Show the version" } as const;
const commands = new Map<string, CommandShape>([
  ["run", { options: runOptions, runsCommand: true }],
  ["run:detached", { options: runOptions, runsCommand: true }],
  ["apps", appsCommand],
  ["app:info", appInfoCommand],
  ["version", { options: { version } }],
]);

type Argv = string | readonly string[];

/** @param argv separated by spaces, or an array of arguments. */
const split = (argv: Argv) => splitArgv(typeof argv === "string" ? argv.split(" ").filter(Boolean) : argv, commands);

/** Expects the options and the arguments of a `run`. */
const cases = (name: string, rows: readonly (readonly [argv: Argv, options: readonly string[], args: Argv])[]) =>
  test.each(rows)(`${name}: %j`, (argv, options, args) =>
    expect(split(argv)).toEqual({
      command: "run",
      options,
      args: typeof args === "string" ? args.split(" ").filter(Boolean) : args,
    }),
  );

cases("ends options at the app", [
  ["run my-app ls", [], "my-app ls"],
  ["run my-app", [], "my-app"],
  ["run", [], ""],
  ["run -q my-app ls -la --quiet -e A=1 --", ["--quiet"], "my-app ls -la --quiet -e A=1 --"],
  ["run my-app --no-such-option --app=x --help", [], "my-app --no-such-option --app=x --help"],
  [["run", "my-app", "", "a  b", "x\ny", "'q'"], [], ["my-app", "", "a  b", "x\ny", "'q'"]],
]);

cases("reads options before and after the command, in their order", [
  ["-q run -d my-app ls", ["--quiet", "--detach"], "my-app ls"],
  ["--env A=1 --quiet run --env B=2 my-app", ["--env=A=1", "--quiet", "--env=B=2"], "my-app"],
  ["--host=/s run my-app", ["--host=/s"], "my-app"],
]);

cases("ends options at --", [
  ["run -- my-app ls", [], "my-app ls"],
  ["run -q -- -my-app ls", ["--quiet"], "-my-app ls"],
  ["run -- -- ls", [], "-- ls"],
  ["run my-app -- ls", [], "my-app -- ls"],
  ["run --", [], ""],
]);

cases("reads a single - as an argument", [
  ["run - ls", [], "- ls"],
  ["run my-app -", [], "my-app -"],
]);

cases("keeps an empty argument", [[["run", "", "ls"], [], ["", "ls"]]]);

cases("reads the first argument as the command after --app", [
  ["run --app my-app ls -la", ["--app=my-app"], "ls -la"],
  ["run -a my-app -q ls -q", ["--app=my-app", "--quiet"], "ls -q"],
  ["--app my-app run ls -la", ["--app=my-app"], "ls -la"],
  ["--app=my-app -q run ls", ["--app=my-app", "--quiet"], "ls"],
  ["run --app my-app -- -la", ["--app=my-app"], "-la"],
  ["run --app my-app", ["--app=my-app"], ""],
]);

cases("reads a value in any form", [
  ["run --env A=1 x", ["--env=A=1"], "x"],
  ["run --env=A=1 x", ["--env=A=1"], "x"],
  ["run -e A=1 x", ["--env=A=1"], "x"],
  ["run -eA=1 x", ["--env=A=1"], "x"],
  ["run -e=A=1 x", ["--env=A=1"], "x"],
  ["run -e A x", ["--env=A"], "x"],
  ["run -eA x", ["--env=A"], "x"],
]);

cases("reads combined letters, of which the last may have a value", [
  ["run -dq x", ["--detach", "--quiet"], "x"],
  ["run -dqe A=1 x", ["--detach", "--quiet", "--env=A=1"], "x"],
  ["run -dqeA=1 x", ["--detach", "--quiet", "--env=A=1"], "x"],
  ["run -qe=A=1 x", ["--quiet", "--env=A=1"], "x"],
  ["run -eq x", ["--env=q"], "x"],
]);

cases("reads any argument as a value", [
  ["run -e app app cmd", ["--env=app"], "app cmd"],
  ["run -e run app", ["--env=run"], "app"],
  ["run -e ls app ls", ["--env=ls"], "app ls"],
  ["-e run run app", ["--env=run"], "app"],
  ["--env=run run run", ["--env=run"], "run"],
  ["--name version run app", ["--name=version"], "app"],
  ["run -e --quiet app", ["--env=--quiet"], "app"],
  ["run --name -- app", ["--name=--"], "app"],
  ["run --name - app", ["--name=-"], "app"],
  [["run", "--user", "", "app"], ["--user="], "app"],
  [["run", "-u", "", "app"], ["--user="], "app"],
  ["run --user= app", ["--user="], "app"],
  ["run --env=A==b= app", ["--env=A==b="], "app"],
  [["run", "-e", "A=x\ny z", "app"], ["--env=A=x\ny z"], "app"],
  [["run", "-e", '"A=1"', "app"], ['--env="A=1"'], "app"],
]);

cases("reads the next argument as the value of --pull only if it is a known one", [
  ["run --pull my-app ls", ["--pull="], "my-app ls"],
  ["run --pull always my-app ls", ["--pull=always"], "my-app ls"],
  ["run --pull Always ls", ["--pull="], "Always ls"],
  ["run --pull=always my-app ls", ["--pull=always"], "my-app ls"],
  ["run --pull= my-app", ["--pull="], "my-app"],
  ["run --pull", ["--pull="], ""],
]);

// `-u=$NOBODY my-app rake` must not run the app "rake" as the user "my-app".
cases("reads an empty value after =", [
  ["run -u= my-app rake", ["--user="], "my-app rake"],
  ["run -qu= my-app rake", ["--quiet", "--user="], "my-app rake"],
]);

test.each<[Argv, options: string[], args: string[]]>([
  ["app:info my-app", [], ["my-app"]],
  ["app:info my-app --format json", ["--format=json"], ["my-app"]],
  ["app:info my-app --format=json --show-env", ["--format=json", "--show-env"], ["my-app"]],
  ["app:info --show-env my-app --host /s", ["--show-env", "--host=/s"], ["my-app"]],
  ["--host /s app:info my-app -H /t", ["--host=/s", "--host=/t"], ["my-app"]],
  ["app:info a --show-env b --format json c", ["--show-env", "--format=json"], ["a", "b", "c"]],
  ["app:info my-app -h", ["--help"], ["my-app"]],
  ["app:info -a my-app --format json", ["--app=my-app", "--format=json"], []],
  // Options end at --.
  ["app:info -- my-app --format json", [], ["my-app", "--format", "json"]],
  ["app:info my-app -- --format", [], ["my-app", "--format"]],
  ["app:info my-app --format -- x", ["--format=--"], ["my-app", "x"]],
  ["app:info -", [], ["-"]],
  ["app:info my-app run", [], ["my-app", "run"]],
])("reads options after arguments if the command runs no other: %j", (argv, options, args) =>
  expect(split(argv)).toEqual({ command: "app:info", options, args }),
);

test.each<[Argv, string | undefined, string[], string[]]>([
  ["", undefined, [], []],
  ["-q", undefined, ["--quiet"], []],
  ["--version", undefined, ["--version"], []],
  ["-V run x", "run", ["--version"], ["x"]],
  ["version", "version", [], []],
  ["run:detached -q x y", "run:detached", ["--quiet"], ["x", "y"]],
  ["run run run", "run", [], ["run", "run"]],
])("reads the first argument as the command: %j", (argv, command, options, args) =>
  expect(split(argv)).toEqual({ command, options, args }),
);

test.each<[Argv, code: string, message: string, next: string]>([
  ["rum x", "unknown-command", 'Unknown command "rum"; did you mean run?', "oneoff run x"],
  ["RUN x", "unknown-command", 'Unknown command "RUN"; did you mean run?', "oneoff run x"],
  [
    "run:detach x",
    "unknown-command",
    'Unknown command "run:detach"; did you mean run:detached?',
    "oneoff run:detached x",
  ],
  ["rake db:migrate", "unknown-command", 'Unknown command "rake"', "oneoff --help"],
  ["-", "unknown-command", 'Unknown command "-"', "oneoff --help"],
  [[""], "unknown-command", 'Unknown command ""', "oneoff --help"],
  [["\x1b[31m"], "unknown-command", 'Unknown command "\\u001b[31m"', "oneoff --help"],
  ["constructor", "unknown-command", 'Unknown command "constructor"', "oneoff --help"],

  [
    "run --detached x",
    "unknown-option",
    'Unknown option "--detached"; did you mean --detach?',
    "oneoff run --detach x",
  ],
  ["run --evn A=1 x", "unknown-option", 'Unknown option "--evn"; did you mean --env?', "oneoff run --env A=1 x"],
  ["run --evn=A=1 x", "unknown-option", 'Unknown option "--evn"; did you mean --env?', "oneoff run --env=A=1 x"],
  ["run --no-ttty x", "unknown-option", 'Unknown option "--no-ttty"; did you mean --no-tty?', "oneoff run --no-tty x"],
  ["run --rm x", "unknown-option", 'Unknown option "--rm"', "oneoff run --help"],
  ["run --version x", "unknown-option", 'Unknown option "--version"', "oneoff run --help"],
  ["run --=A x", "unknown-option", 'Unknown option "--"', "oneoff run --help"],
  ["run -z x", "unknown-option", 'Unknown option "-z"', "oneoff run --help"],
  ["run -dzq x", "unknown-option", 'Unknown option "-z"', "oneoff run --help"],
  ["run -E A=1 x", "unknown-option", 'Unknown option "-E"', "oneoff run --help"],
  ["run -q=1 x", "unwanted-value", "-q: expected no value", "oneoff run --help"],
  ["run -5 x", "unknown-option", 'Unknown option "-5"', "oneoff run --help"],
  ["run:detached --no-such x", "unknown-option", 'Unknown option "--no-such"', "oneoff run:detached --help"],
  ["version --quiet", "unknown-option", 'Unknown option "--quiet"', "oneoff version --help"],
  ["run --constructor x", "unknown-option", 'Unknown option "--constructor"', "oneoff run --help"],
  ["run --toString=1 x", "unknown-option", 'Unknown option "--toString"', "oneoff run --help"],
  ["run --__proto__ x", "unknown-option", 'Unknown option "--__proto__"', "oneoff run --help"],
  ["--hots /s run x", "unknown-option", 'Unknown option "--hots"; did you mean --host?', "oneoff --host /s run x"],
  ["-z run x", "unknown-option", 'Unknown option "-z"', "oneoff --help"],

  [
    "app:info my-app --fromat json",
    "unknown-option",
    'Unknown option "--fromat"; did you mean --format?',
    "oneoff app:info my-app --format json",
  ],
  ["app:info my-app --quiet", "unknown-option", 'Unknown option "--quiet"', "oneoff app:info --help"],
  ["apps --app my-app", "unknown-option", 'Unknown option "--app"', "oneoff apps --help"],
  ["app:info my-app --format", "no-value", "--format: expected a value", "oneoff app:info --help"],
  ["app:info my-app --show-env=yes", "unwanted-value", "--show-env: expected no value", "oneoff app:info --help"],
  ["appss", "unknown-command", 'Unknown command "appss"; did you mean apps?', "oneoff apps"],

  ["run --env", "no-value", "--env: expected a value", "oneoff run --help"],
  ["run -e", "no-value", "-e: expected a value", "oneoff run --help"],
  ["run -dqe", "no-value", "-e: expected a value", "oneoff run --help"],
  ["--app", "no-value", "--app: expected a value", "oneoff --help"],
  ["run --quiet=1 x", "unwanted-value", "--quiet: expected no value", "oneoff run --help"],
  ["run --quiet= x", "unwanted-value", "--quiet: expected no value", "oneoff run --help"],
  ["run --tty=false x", "unwanted-value", "--tty: expected no value", "oneoff run --help"],
])("refuses %j", (argv, code, message, next) =>
  expect(() => split(argv)).toThrow(expect.objectContaining({ code, kind: "usage", message, next })),
);

test.each<[Argv, option: string, line: string]>([
  ["run app -e A=1 env", "-e", "oneoff run -e A=1 app env"],
  ["run app --env A=1 -q env -q", "--env", "oneoff run --env A=1 -q app env -q"],
  ["run rake -a app", "-a", "oneoff run -a app rake"],
  ["run -q app -e TOKEN=hunter2222 env", "-e", "oneoff run -q -e 'TOKEN=***' app env"],
  ["run --entrypoint= app -q env", "-q", "oneoff run --entrypoint= -q app env"],
])("refuses an option after the app: %j", (argv, option, line) =>
  expect(() => split(argv)).toThrow(
    expect.objectContaining({
      code: "misplaced-option",
      kind: "usage",
      message: `"${option}" must be before the app; if it is the command, write -- before the app`,
      next: line,
    }),
  ),
);

cases("passes options after the app to the command if oneoff cannot mean them", [
  ["run -- app -e A=1 env", [], "app -e A=1 env"],
  ["run app -- -e A=1", [], "app -- -e A=1"],
  ["run --entrypoint perl app -e 1", ["--entrypoint=perl"], "app -e 1"],
  ["run --app app ls -e A=1", ["--app=app"], "ls -e A=1"],
  ["run app --help", [], "app --help"],
  ["run app -h", [], "app -h"],
  ["run app -v", [], "app -v"],
  ["run app --no-such -q", [], "app --no-such -q"],
]);

test("does not change its input", () => {
  const argv = Object.freeze(["-q", "run", "-e", "A=1", "my-app", "ls"]);
  expect(split(argv)).toEqual(split(argv));
});
