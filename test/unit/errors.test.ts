import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { engineRefused } from "../../src/errors/engine.ts";
import { because, linesOf, notCopied, OneoffError, warning } from "../../src/errors/error.ts";
import { toExecError } from "../../src/oneoff/session/command-refusal.ts";
import { escapeExceptLines } from "../../src/text/escape.ts";

const HOSTILE = "x\nforged\r\x1b]0;t\x07\x1b[2J\u202e\u009b";

/** Possible values of an argument. */
const object: unknown = new Proxy(
  {},
  { get: (_, name) => (typeof name === "symbol" ? undefined : name === "length" ? 1 : HOSTILE) },
);
const folder = new URL("../../src/errors/", import.meta.url);
const modules = await Promise.all(readdirSync(folder).map((file) => import(new URL(file, folder).href)));
const refused = engineRefused(404, HOSTILE, { method: "GET", path: HOSTILE });
const ARGUMENTS = [HOSTILE, [HOSTILE], 1, object, refused, [{ image: HOSTILE, line: 1 }]];

function* choices(length: number): Generator<unknown[]> {
  if (length === 0) yield [];
  else
    for (const rest of choices(length - 1))
      for (const one of length > 3 ? ARGUMENTS.slice(0, 2) : ARGUMENTS) yield [one, ...rest];
}

const made = modules
  .flatMap((errors: Record<string, (...args: unknown[]) => unknown>) => Object.entries(errors))
  .filter(([name, make]) => /^[a-z]/.test(name) && typeof make === "function");

function attempt(make: (...args: unknown[]) => unknown, args: unknown[]): string {
  try {
    const error = make(...args);
    if (error instanceof OneoffError) return `${error.message}\n  ${error.next ?? ""}`;
  } catch {
    // Arguments of another kind.
  }
  return "";
}

test.each(made)("escapes line breaks in the values of %s", (_name, make) => {
  for (const args of choices(make.length)) {
    const text = attempt(make, args);
    expect(text).not.toMatch(/^\s*forged/m);
    expect(escapeExceptLines(text)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
  }
});

test.each([
  'OCI runtime exec failed: exec failed: unable to start container process: chdir to cwd ("/x") set in config.json failed: no such file or directory: unknown',
  "crun: chdir to `/x`: No such file or directory: OCI runtime attempted to invoke a command that was not found",
])("does not report a missing working folder as a missing command: %s", (reason) =>
  expect(toExecError(reason, "ls")).toMatchObject({
    ...{ code: "no-workdir", message: reason, exit: 126, next: "fix --workdir: the folder must exist" },
  }),
);

test.each([
  ["a warning", warning],
  ["files that were not copied", notCopied],
])("keeps the line breaks of oneoff and of an error in %s, and no others", (_what, make) => {
  const two = new OneoffError("x", ["one", "two\nforged"], { next: undefined });
  expect(make(HOSTILE).message).not.toMatch(/[\n\r\x1b\x9b\u202e]/);
  expect(make(because(HOSTILE, new Error(HOSTILE))).message).not.toMatch(/[\n\r\x1b\x9b\u202e]/);
  expect(make(because("web\n.1 could not be stopped", two)).message).toBe(
    "web\\n.1 could not be stopped: one\ntwo\\nforged",
  );
  expect(make(linesOf("thrown\nforged")).message).toBe("thrown\\nforged");
});
