import { readFile } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";
import { loadCommands } from "../../src/cli/commands.ts";
import { TOPICS } from "../../src/cli/topics/topics.ts";
import { BINARY } from "../support/oneoff-suite.ts";
import { install } from "../support/packages.ts";
import { run } from "../support/process.ts";

const COMMANDS = await loadCommands();

const PAGE = `${BINARY}.1`;

beforeAll(() => install("groff", "mandoc"), 300_000);

/** The text as a reader sees it, on one line. */
const read = async () => {
  const { stdout } = await run(["mandoc", "-T", "utf8", "-O", "width=1000", PAGE]);
  return stdout.toString().replaceAll(/.\x08/gu, "").replaceAll(/\s+/g, " ");
};

test.concurrent("mandoc and groff accept the man page without a warning", async () => {
  const lint = await run(["mandoc", "-T", "lint", "-W", "warning", PAGE]);
  expect({ code: lint.code, stdout: lint.stdout.toString() }).toEqual({ code: 0, stdout: "" });
  const groff = await run(["groff", "-man", "-Tutf8", "-ww", "-z", PAGE]);
  expect({ code: groff.code, stderr: groff.stderr.toString() }).toEqual({ code: 0, stderr: "" });
});

test.concurrent("the man page contains all of the help", async () => {
  const page = await read();
  for (const [name, { describe, usage, examples }] of COMMANDS) {
    for (const part of [`oneoff ${name}`, `${describe}.`, usage.split("\n")[0] ?? "", examples[0]?.[0] ?? ""]) {
      expect(page).toContain(part.replaceAll(/\s+/g, " ").replaceAll("…", "..."));
    }
  }
  for (const [name, { asIs }] of TOPICS) {
    if (!asIs && name !== "exit-codes") expect(page).toContain(name.replaceAll("-", " ").toUpperCase());
  }
  for (const part of ["EXIT STATUS", "-e, --env NAME[=VALUE]", "--pull[=WHEN]", "128+n", "'bin/rails console'"])
    expect(page).toContain(part);
});

test.concurrent("the man page has the version and the date of the build", async () => {
  const { stdout } = await run([BINARY, "--version"]);
  const [, version] = /^oneoff (\S+)/.exec(stdout.toString()) ?? [];
  expect(await readFile(PAGE, "utf8")).toMatch(
    new RegExp(`^\\.TH ONEOFF 1 "\\d{4}-\\d\\d-\\d\\d" "oneoff ${version}" "User Commands"\n`),
  );
});
