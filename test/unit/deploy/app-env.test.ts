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
const generateSecret = () => `secret-${++count}`;
const set = (stored: ReadonlyMap<string, string>, overrides = none) => {
  count = 0;
  return Object.fromEntries(appJsonEnv(variables, stored, overrides, generateSecret));
};

test("sets all values and generates secrets at the first deploy", () =>
  expect(set(none)).toEqual({
    SIMPLE: "simple",
    OBJECT: "default",
    SECRET: "secret-1",
    SYNC: "synced",
    ROTATED: "secret-2",
  }));

test("sets only synced and new variables at later deploys", () =>
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

test("keeps variables that are no longer in app.json", () =>
  expect(set(new Map([["GONE", "1"]]))).toMatchObject({ GONE: "1" }));

test("rejects a required variable without a value from any source", () => {
  const { env } = parseAppJson(Buffer.from('{"env": {"KEY": {"description": "of the service"}}}'));
  expect(() => appJsonEnv(env, none, none, generateSecret)).toThrow(
    'app.json: the required variable "KEY" has no value',
  );
  expect(appJsonEnv(env, none, new Map([["KEY", "1"]]), generateSecret)).toEqual(none);
  expect(appJsonEnv(env, new Map([["KEY", "2"]]), none, generateSecret)).toEqual(new Map([["KEY", "2"]]));
});
