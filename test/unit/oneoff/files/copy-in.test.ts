import { describe, expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { OneoffError } from "../../../../src/errors/error.ts";
import { planCopyIn } from "../../../../src/oneoff/files/copy-in.ts";
import { answerStat, GO_MODE, type Stat } from "../../../support/archive.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { folder } from "../../../support/folder.ts";

const DIRECTORY: Stat = { mode: GO_MODE.directory };
const FILE: Stat = {};

/** @param stats the responses in order; undefined for a missing path. */
async function copy(source: string, path: string, stats: (Stat | undefined)[], force = false) {
  await using here = await folder({ "d/a": "", "d/b/c": "" });
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const asked = stats.map((stat) => answerStat(engine, stat));
  const outcome = await planCopyIn(transport, { id: "c", name: "run.1" }, source, path, { cwd: here.path, force }).then(
    ({ source, target, keepsFolder }) => `${keepsFolder ? "what is in " : ""}${source} at ${target}`,
    (error: OneoffError) => error.message,
  );
  return { outcome, asked: await Promise.all(asked) };
}

describe("an accepted copy", () => {
  test("copies into an existing folder under the name of the source", async () => {
    expect(await copy("./d", "/app", [DIRECTORY, undefined])).toEqual({
      outcome: "./d at /app/d",
      asked: ["/app", "/app/d"],
    });
    expect((await copy("d/..", "/app/", [DIRECTORY], true)).outcome).toMatch(/^d\/\.\. at \/app\/oneoff-f-/);
  });

  test("copies to a new name in an existing folder", async () => {
    expect(await copy("d", "/app/new", [undefined, DIRECTORY])).toEqual({
      outcome: "d at /app/new",
      asked: ["/app/new", "/app"],
    });
  });

  test("copies through a symlink to a folder", async () => {
    const link = { mode: GO_MODE.symlink, linkTarget: "/srv" };
    expect(await copy("d", "/app", [link, DIRECTORY, undefined])).toEqual({
      outcome: "d at /srv/d",
      asked: ["/app", "/srv", "/srv/d"],
    });
  });

  test("copies through a symlink, also a dangling one", async () => {
    const link = { mode: GO_MODE.symlink, linkTarget: "/srv/x" };
    expect((await copy("d/a", "/app/l", [link, FILE], true)).outcome).toBe("d/a at /srv/x");
    expect(await copy("d/a", "/app/l", [link, undefined, DIRECTORY])).toEqual({
      outcome: "d/a at /srv/x",
      asked: ["/app/l", "/srv/x", "/srv"],
    });
  });

  test("copies the content of a folder", async () => {
    expect(await copy("d/.", "/app", [DIRECTORY, undefined, undefined])).toEqual({
      outcome: "what is in d/. at /app",
      asked: ["/app", "/app/a", "/app/b"],
    });
    expect((await copy("d/.", "/app/new", [undefined, DIRECTORY])).outcome).toBe("d/. at /app/new");
    expect((await copy(".", "/app", [DIRECTORY], true)).outcome).toBe("what is in . at /app");
  });

  test("overwrites an existing file with force only", async () => {
    expect((await copy("d/a", "/app/a", [FILE, FILE])).outcome).toBe('"/app/a" already exists in run.1');
    expect((await copy("d/a", "/app/a", [FILE], true)).outcome).toBe("d/a at /app/a");
    expect((await copy("d/.", "/app", [DIRECTORY, undefined, FILE])).outcome).toBe('"/app/b" already exists in run.1');
  });
});

describe("a refused copy", () => {
  test("refuses a copy into a missing folder", async () => {
    expect((await copy("d/a", "/app/none/", [undefined])).outcome).toBe('No such folder "/app/none/" in run.1');
    expect((await copy("d", "/none/new", [undefined, undefined])).outcome).toBe('No such folder "/none" in run.1');
    expect((await copy("d", "/etc/passwd/new", [undefined, FILE])).outcome).toBe(
      '"/etc/passwd" in run.1 is not a folder',
    );
  });

  test("refuses a copy to a file with a trailing slash, and of a folder to a file", async () => {
    const message = '"/app/f" in run.1 is not a folder';
    expect((await copy("d/a", "/app/f/", [FILE])).outcome).toBe(message);
    expect((await copy("d", "/app/f", [FILE], true)).outcome).toBe(message);
  });

  test("refuses a copy from a missing source", async () => {
    expect((await copy("none/.", "/app", [DIRECTORY])).outcome).toBe('Cannot read "none/.": no such file');
  });
});
