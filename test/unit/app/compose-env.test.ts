import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseComposeEnv } from "../../../src/app/compose-env.ts";

/**
 * What `docker compose config --format json` of Compose 2.40.3 makes of a service's `env_file` with this text, where X is
 * "here", EMPTY is empty, and nothing else is set; `$$` in its answer is written as `$`.
 */
interface Recorded {
  readonly text: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly error?: true;
  readonly unset?: readonly string[];
}

const recorded: readonly Recorded[] = JSON.parse(
  readFileSync(new URL("../../fixtures/compose-env.json", import.meta.url), "utf8"),
);

const parse = (text: string) => {
  const unset: string[] = [];
  const sources = { inherited: { X: "here", EMPTY: "" }, unset: (name: string) => void unset.push(name) };
  const env = Object.fromEntries(parseComposeEnv(Buffer.from(text), "e.env", sources));
  return { env, unset };
};

/** Compose sets a variable without a name, which every engine rejects. */
const isNameless = ({ env = {} }: Recorded) => Object.hasOwn(env, "");

test.each(recorded.filter((one) => !isNameless(one)))("reads $text like Compose", ({ text, env, error, unset }) => {
  if (error) expect(() => parse(text)).toThrow(expect.objectContaining({ code: "bad-env" }));
  else expect(parse(text)).toEqual({ env, unset: unset ?? [] });
});

test("inherits a name in the last line, and rejects none", () => {
  expect(parse("export X").env).toEqual({ X: "here" });
  expect(parse("NONE").env).toEqual({});
  expect(() => parse("A=1\n=secret")).toThrow("e.env:2: expected NAME=VALUE or NAME, found no name");
});

test("does not show values in errors", () => {
  for (const text of ['A="secret', "A=${secret", "A='secret''secret'", "secret words=1"]) {
    expect(() => parse(text)).toThrow(expect.objectContaining({ message: expect.not.stringContaining("secret") }));
  }
});
