import { expect, test } from "vitest";
import { loadShapes } from "../../../../src/cli/commands.ts";
import { expectedAt } from "../../../../src/cli/completion/expected.ts";

const SHAPES = await loadShapes();

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
  ["", "command of oneoff"],
  ["ru", "command of oneoff"],
  ["--host /x ru", "command of oneoff"],
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
] as const)("completes `oneoff %s` with: %s", (line, completion) => {
  expect(at(line)).toMatchObject({ completion, prefix: "" });
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
] as const)("completes `oneoff %s` with: %s of my-app", (line, completion) => {
  expect(at(line)).toMatchObject({ completion, app: "my-app" });
});

test("completes a part of a help topic", () => {
  expect(at("help coming-from ")).toEqual({ ...nothing, completion: "part", topic: "coming-from" });
  expect(at("help coming-from heroku ")).toBeUndefined();
});

test("takes an earlier argument for an app only where an app is expected", () =>
  expect(at("stop run.1 ")).toEqual({ ...nothing, completion: "app or one-off" }));

test("completes values of an option, after a space or =", () => {
  const completion = ["missing", "always", "never"];
  expect(at("run --pull=")).toEqual({ ...nothing, completion, prefix: "--pull=" });
  expect(at("run --pull=al")).toEqual({ ...nothing, completion, prefix: "--pull=" });
  expect(at("run --on-conflict ")).toEqual({ ...nothing, completion: ["fail", "wait", "skip", "replace"] });
  expect(at("run --on-conflict -")).toEqual({ ...nothing, completion: ["fail", "wait", "skip", "replace"] });
  expect(at("run --app=my")).toEqual({ ...nothing, completion: "app", prefix: "--app=" });
});

test("completes options, and returns earlier options", () => {
  expect(at("run -")?.completion).toEqual({ optionsOf: "run", given: new Map([["\0", ""]]) });
  expect(at("--")?.completion).toEqual({ optionsOf: undefined, given: new Map([["\0", ""]]) });
  expect(at("run -q --host /x --config y my")).toMatchObject({ host: "/x", config: "y", completion: "app" });
});

test.each(["apps ", "wait 'x' --nonsense ", "nonsense ", "run --user ", "attach run.1 ", "run --nonsense="])(
  "completes nothing for `oneoff %s`",
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

test("completes arguments of every command", () => {
  expect(
    Array.from(SHAPES)
      .filter(([, { completions, most }]) => !completions && most !== 0)
      .map(([name]) => name),
  ).toEqual(["version"]);
});
