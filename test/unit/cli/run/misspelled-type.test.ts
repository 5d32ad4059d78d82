import { expect, test } from "vitest";
import { suggestingType } from "../../../../src/cli/run/misspelled-type.ts";
import { OneoffError } from "../../../../src/errors/error.ts";
import type { Event } from "../../../../src/output/events.ts";

const procfile = new Map([["worker", "./work"]]);

async function suggest(args: readonly string[], run: () => Promise<number>, app?: string) {
  const events: Event[] = [];
  const flags = { given: ["--env=A=1", ...(app === undefined ? [] : [`--app=${app}`])], ...(app && { app }) };
  const code = await suggestingType(procfile, { command: "run", app: "web", flags, args }, (e) => events.push(e), run);
  return { code, events };
}

const notFound = new OneoffError("not-found", "exec: wroker: not found", { exit: 127, next: "check the PATH" });

test("suggests a process type if the command is not found", async () => {
  await expect(suggest(["wroker"], () => Promise.reject(notFound))).rejects.toMatchObject({
    code: "not-found",
    exit: 127,
    message: "exec: wroker: not found; did you mean the process type worker?",
    next: "oneoff run --env A=1 web worker",
  });
  await expect(suggest(["wroker"], () => Promise.reject(notFound), "web")).rejects.toMatchObject({
    next: "oneoff run --env A=1 web worker",
  });
});

test("suggests a process type if an entrypoint exits with 127", async () =>
  expect(await suggest(["wroker"], async () => 127)).toEqual({
    code: 127,
    events: [
      {
        type: "warning",
        message: '"wroker" exited with 127 (command not found); did you mean: oneoff run --env A=1 web worker',
      },
    ],
  }));

test.each([
  ["of a process type", ["worker"], 127],
  ["with arguments", ["wroker", "-v"], 127],
  ["of another name", ["rake"], 127],
  ["that was found", ["wroker"], 1],
  ["of a shell", [], 127],
])("suggests nothing for a command %s", async (_which, args, code) =>
  expect(await suggest(args, async () => code)).toEqual({ code, events: [] }),
);

test("leaves other errors as they are", async () => {
  const error = new OneoffError("no-workdir", "no such folder", { exit: 126, next: "check --workdir" });
  await expect(suggest(["wroker"], () => Promise.reject(error))).rejects.toBe(error);
});
