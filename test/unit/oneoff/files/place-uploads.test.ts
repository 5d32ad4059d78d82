import { describe, expect, test } from "vitest";
import { parseUpload } from "../../../../src/app/transfer.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { OneoffError } from "../../../../src/errors/error.ts";
import { placeUploads } from "../../../../src/oneoff/files/place-uploads.ts";
import { planUploads } from "../../../../src/oneoff/files/plan-uploads.ts";
import { answerStat, GO_MODE, type Stat } from "../../../support/archive.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { folder } from "../../../support/folder.ts";

type Asked = readonly [path: string, stat?: Stat];
const FILE: Stat = {};
const isFolder = (path: string): Asked => [path, { mode: GO_MODE.directory }];
const isFile = (path: string): Asked => [path, FILE];
const isLink = (path: string, linkTarget: string): Asked => [path, { mode: GO_MODE.symlink, linkTarget }];
const isNothing = (path: string): Asked => [path];

/** The targets of `--file`, with an engine that responds to these paths in order. */
async function place(file: string, asked: readonly Asked[], volumes: readonly string[] = []) {
  await using here = await folder({ f: "", "d/a": "" });
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const context = { cwd: here.path, env: {}, report: () => {}, terminal: process };
  const plan = await planUploads(context, [parseUpload(file, here.path)]);
  const paths = Promise.all(asked.map(([, stat]) => answerStat(engine, stat)));
  const outcome = await placeUploads(transport, { id: "c", name: "run.1" }, { ...plan, volumes }).then(
    ({ files }) => files.map(({ target }) => target),
    (error: OneoffError) => error.message,
  );
  expect(await paths).toEqual(asked.map(([path]) => path));
  return outcome;
}

describe("below /tmp/uploads", () => {
  const none = isNothing("/tmp/uploads");

  test("keeps a target below /tmp/uploads, whose parent folder may be missing", async () => {
    expect(await place("f", [none, isNothing("/tmp/uploads/f")])).toEqual(["/tmp/uploads/f"]);
    expect(await place("f:a/b/", [none, isNothing("/tmp/uploads/a/b/f")])).toEqual(["/tmp/uploads/a/b/f"]);
    expect(await place("d:/tmp/uploads", [none])).toEqual(["/tmp/uploads", "/tmp/uploads/a"]);
  });

  test("resolves existing paths of the image below /tmp/uploads", async () => {
    const uploads = isFolder("/tmp/uploads");
    expect(await place("f", [uploads, isFolder("/tmp/uploads/f")])).toEqual(["/tmp/uploads/f/f"]);
    expect(await place("f", [uploads, isLink("/tmp/uploads/f", "/x"), isFile("/x")])).toEqual(["/x"]);
    expect(await place("d", [uploads, isFile("/tmp/uploads/d")])).toBe('"/tmp/uploads/d" in run.1 is not a folder');
  });

  test("follows a symlink at /tmp/uploads, and refuses a file", async () => {
    const linked = [isLink("/tmp/uploads", "/data"), isFolder("/data")];
    expect(await place("f:x/f", [...linked, isNothing("/data/x/f")])).toEqual(["/data/x/f"]);
    expect(await place("f", [isFile("/tmp/uploads")])).toBe('"/tmp/uploads" in run.1 is not a folder');
  });
});

describe("elsewhere", () => {
  const app = isFolder("/app");
  const newFile = isNothing("/app/x");

  test("puts a file into a folder, over a file, or under a new name", async () => {
    expect(await place("f:/app", [app])).toEqual(["/app/f"]);
    expect(await place("f:/app/", [app])).toEqual(["/app/f"]);
    expect(await place("f:/app/x", [isFile("/app/x")])).toEqual(["/app/x"]);
    expect(await place("f:/app/x", [newFile, app])).toEqual(["/app/x"]);
  });

  test("puts a folder into a folder or under a new name, and merges its content", async () => {
    expect(await place("d:/app", [app])).toEqual(["/app/d", "/app/d/a"]);
    expect(await place("d:/app/x/", [newFile, app])).toEqual(["/app/x", "/app/x/a"]);
    expect(await place("d/.:/app", [app])).toEqual(["/app/a"]);
    expect(await place("d/.:/app/x", [newFile, app])).toEqual(["/app/x", "/app/x/a"]);
  });

  test("follows a symlink, also a dangling one", async () => {
    const link = isLink("/app/l", "/srv/x");
    expect(await place("f:/app/l", [link, isNothing("/srv/x"), isFolder("/srv")])).toEqual(["/srv/x"]);
    expect(await place("f:/app/l", [link, isFolder("/srv/x")])).toEqual(["/srv/x/f"]);
  });

  test("uses a volume that was added for a folder as the folder", async () => {
    expect(await place("d:/data", [], ["/data"])).toEqual(["/data", "/data/a"]);
  });

  test("requires a parent folder, and no file at the target of a folder", async () => {
    const message = '"/app/x" in run.1 is not a folder';
    expect(await place("f:/none/x", [isNothing("/none/x"), isNothing("/none")])).toBe(
      'No such folder "/none" in run.1',
    );
    expect(await place("f:/none/", [isNothing("/none")])).toBe('No such folder "/none/" in run.1');
    expect(await place("f:/app/x/", [isFile("/app/x")])).toBe(message);
    expect(await place("f:/app/x/y", [isNothing("/app/x/y"), isFile("/app/x")])).toBe(message);
    expect(await place("d:/app/x", [isFile("/app/x")])).toBe(message);
    const link = isLink("/app/l", "/none/x");
    expect(await place("f:/app/l", [link, isNothing("/none/x"), isNothing("/none")])).toBe(
      'No such folder "/none" in run.1',
    );
  });
});
