import { expect, test } from "vitest";
import { SHAPES } from "../../../../src/cli/commands.ts";
import { expectedAt } from "../../../../src/cli/completion/expected.ts";

const at = (line: string) => {
  const words = line.split(" ");
  return expectedAt(words.slice(0, -1), words.at(-1) ?? "", SHAPES);
};
const nothing = {
  prefix: "",
  app: undefined,
  topic: undefined,
  host: undefined,
  context: undefined,
  config: undefined,
};

test.each([
  ["", "command of ours"],
  ["ru", "command of ours"],
  ["--host /x ru", "command of ours"],
  ["run ", "app"],
  ["run -q -e A=1 my", "app"],
  ["run --app ", "app"],
  ["stop run.1 ", "app or one-off"],
  ["attach ", "attachable"],
  ["exec ", "running"],
  ["run --env-file ", "file"],
  ["run -e ", "variable"],
  ["help ", "topic"],
  ["deploy my-app ", "folder"],
] as const)("oneoff %s: %s", (line, takes) => {
  expect(at(line)).toMatchObject({ takes, prefix: "" });
});

test.each([
  ["run my-app ", "command"],
  ["run my-app rake ", "file"],
  ["run my-app rake --", "file"],
  ["run my-app rake x y", "file"],
  ["run -a my-app ", "command"],
  ["run -a my-app -- ", "command"],
  ["ps my-app ", "type"],
  ["rollback my-app v", "release"],
  ["rollback --app my-app v", "release"],
  ["scale my-app web=1 ", "type=quantity"],
] as const)("oneoff %s: %s of my-app", (line, takes) => {
  expect(at(line)).toMatchObject({ takes, app: "my-app" });
});

test("a part of the topic that was named", () => {
  expect(at("help coming-from ")).toEqual({ ...nothing, takes: "part", topic: "coming-from" });
  expect(at("help coming-from heroku ")).toBeUndefined();
});

test("a word before is an app only where one is expected", () =>
  expect(at("stop run.1 ")).toEqual({ ...nothing, takes: "app or one-off" }));

test("an option's values, after it or behind its sign", () => {
  const takes = ["missing", "always", "never"];
  expect(at("run --pull=")).toEqual({ ...nothing, takes, prefix: "--pull=" });
  expect(at("run --pull=al")).toEqual({ ...nothing, takes, prefix: "--pull=" });
  expect(at("run --on-conflict ")).toEqual({ ...nothing, takes: ["fail", "wait", "skip", "replace"] });
  expect(at("run --on-conflict -")).toEqual({ ...nothing, takes: ["fail", "wait", "skip", "replace"] });
  expect(at("run --app=my")).toEqual({ ...nothing, takes: "app", prefix: "--app=" });
});

test("options, with what was given before", () => {
  expect(at("run -")?.takes).toEqual({ optionsOf: "run", given: new Map([["\0", ""]]) });
  expect(at("--")?.takes).toEqual({ optionsOf: undefined, given: new Map([["\0", ""]]) });
  expect(at("run -q --host /x --config y my")).toMatchObject({ host: "/x", config: "y", takes: "app" });
});

test.each(["apps ", "wait 'x' --nonsense ", "nonsense ", "run --user ", "attach run.1 ", "run --nonsense="])(
  "oneoff %s: nothing can be said",
  (line) => {
    let expected: unknown;
    try {
      expected = at(line);
    } catch (error) {
      expect(error).toMatchObject({ kind: "usage" });
    }
    expect(expected).toBeUndefined();
  },
);

test("every command says what its words are, unless it takes none", () => {
  expect(
    Array.from(SHAPES)
      .filter(([, { takes, most }]) => !takes && most !== 0)
      .map(([name]) => name),
  ).toEqual(["version"]);
});
