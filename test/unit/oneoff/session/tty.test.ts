import { expect, test } from "vitest";
import { chooseStdio } from "../../../../src/oneoff/session/tty.ts";

const AT_TERMINAL = { input: "terminal", outputIsTerminal: true, size: undefined } as const;
const PIPED = { input: "pipe", outputIsTerminal: false, size: undefined } as const;
const options = { args: [], detach: false };

test.each([AT_TERMINAL, PIPED])("refuses an empty entrypoint without arguments, at a terminal too", (terminal) => {
  expect(() => chooseStdio("run my-app", { ...options, entrypoint: [""] }, terminal)).toThrow(
    expect.objectContaining({ code: "no-command", next: "oneoff run my-app sh" }),
  );
  const args = ["ls"];
  expect(chooseStdio("run my-app", { ...options, args, entrypoint: [""] }, terminal)).toMatchObject({ stdin: true });
});

test("runs a shell at a terminal without arguments", () =>
  expect(chooseStdio("run my-app", options, AT_TERMINAL)).toEqual({ tty: true, stdin: true }));
