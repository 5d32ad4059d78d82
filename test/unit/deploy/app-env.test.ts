import { expect, test } from "vitest";
import { parseAppJson } from "../../../src/app/app-json.ts";
import { appJsonEnv } from "../../../src/deploy/app-env.ts";

const { env: variables } = parseAppJson(
  Buffer.from(
    JSON.stringify({
      env: {
        SIMPLE: "simple",
        OBJECT: { value: "default" },
        SECRET: { generator: "secret" },
        OPTIONAL: { required: false },
        SYNC: { value: "synced", sync: true },
        ROTATED: { generator: "secret", sync: true },
      },
    }),
  ),
);
const none = new Map<string, string>();
let count = 0;
const secret = () => `secret-${++count}`;
const set = (stored: ReadonlyMap<string, string>, given = none) => {
  count = 0;
  return Object.fromEntries(appJsonEnv(variables, stored, given, secret));
};

test("a first deploy sets what has a value, and makes up secrets", () =>
  expect(set(none)).toEqual({
    SIMPLE: "simple",
    OBJECT: "default",
    SECRET: "secret-1",
    SYNC: "synced",
    ROTATED: "secret-2",
  }));

test("a later one sets only what is to be synced, and what is new", () =>
  expect(
    set(
      new Map([
        ["SIMPLE", "changed"],
        ["SECRET", "kept"],
        ["SYNC", "changed"],
        ["ROTATED", "old"],
      ]),
    ),
  ).toEqual({
    SIMPLE: "changed",
    SECRET: "kept",
    SYNC: "synced",
    ROTATED: "secret-1",
    OBJECT: "default",
  }));

test("what app.json does not name any more stays", () =>
  expect(set(new Map([["GONE", "1"]]))).toMatchObject({ GONE: "1" }));

test("a variable that is required needs a value, from wherever", () => {
  const { env } = parseAppJson(Buffer.from('{"env": {"KEY": {"description": "of the service"}}}'));
  expect(() => appJsonEnv(env, none, none, secret)).toThrow(
    'app.json: the variable "KEY" is required and has no value',
  );
  expect(appJsonEnv(env, none, new Map([["KEY", "1"]]), secret)).toEqual(none);
  expect(appJsonEnv(env, new Map([["KEY", "2"]]), none, secret)).toEqual(new Map([["KEY", "2"]]));
});
