import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folder } from "../support/folder.ts";
import { BINARY } from "../support/oneoff-suite.ts";
import { run } from "../support/process.ts";
import { openPty } from "../support/pty.ts";

const WORDS = ["help", "one-offs"];

const text = (await run([BINARY, ...WORDS])).stdout.toString();
const first = text.split("\n", 1)[0]?.slice(0, 30) ?? "";
const last = text.trimEnd().split(/\s/).at(-1) ?? "";

/** The first and the last words of the help, in this order, and all between them. */
const WHOLE = new RegExp(`(?:^|\\n)${first}[\\s\\S]*\\s${RegExp.escape(last)}\\r\\n$`);

const paged = (pager: string | undefined, { rows = 24, env = {}, words = WORDS } = {}) =>
  openPty([BINARY, ...words], { rows, env: { ONEOFF_PAGER: undefined, PAGER: pager, ...env } });

const QUITS = { code: 0, signal: null };

describe("help longer than the screen", () => {
  test.concurrent("shows long help in PAGER at a terminal", async () => {
    await using pty = await paged("sed 's/^/| /'; [ -t 1 ] && echo to a terminal");
    expect(await pty.exit).toEqual(QUITS);
    expect(pty.output).toContain(`| ${first}`);
    expect(pty.output).toContain(`${last}\r\nto a terminal\r\n`);
  });

  test.concurrent("ONEOFF_PAGER takes precedence over PAGER", async () => {
    await using pty = await paged("false", { env: { ONEOFF_PAGER: "head -n 1" } });
    expect(await pty.exit).toEqual(QUITS);
    expect(pty.output).toMatch(new RegExp(`^${first}.*\\r\\n$`));
  });

  test.concurrent("exits when the pager is left by its own keys, before it has read everything", async () => {
    await using pty = await paged("sh -c 'read -r line; echo $line; read -r key </dev/tty'");
    await pty.waitFor(first, 20_000);
    // The pager handles the signal: oneoff waits for it.
    pty.write("\x03");
    expect(await pty.exit).toEqual(QUITS);
    expect(pty.output).not.toMatch(WHOLE);
  });

  test.concurrent.each(["no-such-pager", "/etc/passwd", "exit 3", "kill -9 $$"])(
    "prints long help without a pager when PAGER is %j",
    async (pager) => {
      await using pty = await paged(pager);
      expect(await pty.exit).toEqual(QUITS);
      expect(pty.output).toMatch(WHOLE);
    },
  );

  test.concurrent("prints long help without a pager when sh does not exist", async () => {
    await using empty = await folder({});
    await using pty = await openPty(["env", `PATH=${empty.path}`, "PAGER=cat -n", BINARY, ...WORDS]);
    expect(await pty.exit).toEqual(QUITS);
    expect(pty.output).toMatch(WHOLE);
  });

  test.concurrent("shows long help in less by default", async () => {
    const less = '#!/bin/sh\necho less "$@" $LESSCHARSET\ncat >/dev/null\n';
    await using bin = await folder({ less });
    await run(["chmod", "+x", join(bin.path, "less")]);
    await using pty = await paged(undefined, { env: { PATH: `${bin.path}:${process.env.PATH}` } });
    expect(await pty.exit).toEqual(QUITS);
    expect(pty.output).toBe("less -FRX utf-8\r\n");
  });

  test.concurrent.each([
    ["--no-pager", { words: ["--no-pager", ...WORDS] }],
    ["an empty PAGER", { env: { PAGER: "" } }],
    ["a screen that is high enough", { rows: 200 }],
  ])("prints help without a pager with %s", async (_what, options) => {
    await using pty = await paged("echo paged", options);
    expect(await pty.exit).toEqual(QUITS);
    expect(pty.output).toMatch(WHOLE);
    expect(pty.output).not.toContain("paged");
  });

  test.concurrent("prints help to a pipe without a pager, whatever stdin is", async () => {
    await using pty = await openPty(["sh", "-c", '"$0" help one-offs | cat', BINARY], { env: { PAGER: "echo paged" } });
    expect(await pty.exit).toEqual(QUITS);
    expect(pty.output).toMatch(WHOLE);
  });
});
