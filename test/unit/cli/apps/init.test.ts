import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Context } from "../../../../src/cli/context.ts";
import { cli } from "../../../../src/cli/program.ts";
import { fakeContext } from "../../../support/fake-context.ts";
import { folder } from "../../../support/folder.ts";

/** Runs `oneoff init` in a folder, with parts of the context replaced. */
async function init(cwd: string, world: Partial<Context> = {}) {
  const context = fakeContext({ cwd });
  const code = await cli(["init", "--quiet"], { ...context, ...world });
  return { code, stdout: context.terminal.out, stderr: context.terminal.err.replaceAll(cwd, "/cwd") };
}

const refused = {
  code: 2,
  stdout: "",
  stderr: "oneoff: /cwd/oneoff.yaml already exists; oneoff init never overwrites it\n  oneoff init --print\n",
};

test("does not overwrite a file that is created meanwhile", async () => {
  await using here = await folder({ Dockerfile: "" });
  const path = join(here.path, "oneoff.yaml");
  const readFile = fakeContext({ cwd: here.path }).readFile;
  const exists = (one: string) => {
    if (one === path) return false;
    writeFileSync(path, "somebody else's");
    return one.endsWith("Dockerfile");
  };
  expect(await init(here.path, { exists, readFile })).toEqual(refused);
  expect(readFileSync(path, "utf8")).toBe("somebody else's");
});

test("does not write through a dangling symlink", async () => {
  await using here = await folder({ Dockerfile: "" });
  symlinkSync("elsewhere.yaml", join(here.path, "oneoff.yaml"));
  expect(await init(here.path)).toEqual(refused);
  expect(() => readFileSync(join(here.path, "elsewhere.yaml"))).toThrow("ENOENT");
});

test.each([
  ["EACCES", "permission denied"],
  ["EROFS", "the file system is read-only"],
  ["ENOSPC", "ENOSPC: no space left on device"],
])("fails in a folder that is not writable: %s", async (code, why) => {
  await using here = await folder({ Dockerfile: "" });
  const createFile = () => {
    throw Object.assign(new Error("ENOSPC: no space left on device"), { code });
  };
  expect(await init(here.path, { createFile })).toEqual({
    code: 1,
    stdout: "",
    stderr: `oneoff: Cannot write "/cwd/oneoff.yaml": ${why}\n  check the permissions of the folder and the free disk space, then try again\n`,
  });
});

test.each([
  ["compose.yaml", "services: {web: {image: x}}", "if you trust the file: export COMPOSE_FILE=/cwd/compose.yaml"],
  ["Procfile", "web: puma", "if you trust the file, copy it to a folder of your own, then: oneoff init"],
])("refuses a %s that another user may have written", async (name, text, next) => {
  await using here = await folder({ [name]: text });
  const fileTrust = () => ({
    owners: [1000],
    isWritable: false,
    writableFolder: undefined,
    uid: 0,
    sudoUid: undefined,
  });
  expect(await init(here.path, { fileTrust })).toEqual({
    code: 2,
    stdout: "",
    stderr: `oneoff: Refused to read "/cwd/${name}": its owner is uid 1000, oneoff runs as uid 0\n  ${next}\n`,
  });
  expect(() => readFileSync(join(here.path, "oneoff.yaml"))).toThrow("ENOENT");
});

test("writes once if two run in parallel, and refuses the other", async () => {
  await using here = await folder({ Dockerfile: "" });
  const ends = await Promise.all([init(here.path), init(here.path)]);
  expect(ends.map(({ code }) => code).sort()).toEqual([0, 2]);
});
