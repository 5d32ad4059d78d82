import { symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { OneoffError } from "../../../../src/errors/error.ts";
import { checkFetches, fetchTarget } from "../../../../src/oneoff/files/fetch-target.ts";
import { folder } from "../../../support/folder.ts";

const place = () => folder({ "there/x": "", file: "" });

describe("a target", () => {
  test.each([
    ["/app/r.csv", ".", "r.csv", "/app/r.csv"],
    ["/app/r.csv", "new", "new", "/app/r.csv"],
    ["/app/r.csv", "there", "there/r.csv", "/app/r.csv"],
    ["/app/r.csv", "new/", "new/r.csv", "/app/r.csv"],
    ["/app/r.csv", "file", "file", "/app/r.csv"],
    ["/app/out/", "there", "there/out", "/app/out"],
    ["/app/../etc", ".", "etc", "/etc"],
  ])("resolves a fetch of %s to %s as %s", async (source, target, path, whole) => {
    await using here = await place();
    expect(fetchTarget({ source, target }, here.path)).toMatchObject({
      path: `${here.path}/${path}`,
      source: whole,
      onlyContents: false,
    });
  });

  test.each([
    ["/app/.", "there", "there", "/app"],
    ["/app/.", "new", "new", "/app"],
    ["/", "new", "new", "/"],
    ["/.", ".", "", "/"],
  ])("resolves a fetch of the content of %s to %s as %s", async (source, target, path, whole) => {
    await using here = await place();
    const found = fetchTarget({ source, target }, here.path);
    expect(found).toMatchObject({ path: `${here.path}/${path}`.replace(/\/$/, ""), source: whole, onlyContents: true });
  });

  test("creates a folder only for a trailing slash", async () => {
    await using here = await place();
    const makes = (target: string) => fetchTarget({ source: "/a", target }, here.path).createsFolder;
    expect([makes("new/"), makes("new"), makes("a/b")]).toEqual([true, false, false]);
  });
});

describe("before the command runs", () => {
  const check = async (fetches: [source: string, target: string][], force = false) => {
    await using here = await place();
    symlinkSync("file", `${here.path}/link`);
    symlinkSync("new", `${here.path}/dangling`);
    symlinkSync("loop", `${here.path}/loop`);
    const asked = fetches.map(([source, target]) => ({ source, target }));
    try {
      checkFetches(asked, here.path, force);
      return undefined;
    } catch (error) {
      const { code, kind, message } = error as OneoffError;
      return { code, kind, message: message.replaceAll(here.path, "/here") };
    }
  };

  test.each([
    ["a new file", "new"],
    ["an existing folder", "there"],
    ["a folder to create", "a/b/c/"],
    ["a dangling symlink", "dangling"],
  ])("accepts %s as the target of a fetch", async (_what, target) =>
    expect(await check([["/app/r", target]])).toBeUndefined(),
  );

  test.each(["file", "there/x", "link"])("refuses a fetch to the existing %s without force", async (target) => {
    expect(await check([["/app/r", target]])).toEqual({
      code: "target-exists",
      kind: "usage",
      message: `"/here/${target === "link" ? "file" : target}" already exists`,
    });
    expect(await check([["/app/r", target]], true)).toBeUndefined();
  });

  test.each([
    ["/app/r", "file/", "not-a-folder"],
    ["/app/r", "link/", "not-a-folder"],
    ["/app/.", "file", "not-a-folder"],
    ["/app/r", "loop", "unwritable"],
  ])("refuses a fetch of %s to %s", async (source, target, code) =>
    expect(await check([[source, target]], true)).toMatchObject({ code }),
  );

  test("refuses a fetch to an existing file in a folder", async () => {
    expect(await check([["/app/x", "there"]])).toMatchObject({ message: '"/here/there/x" already exists' });
  });

  test("reports a missing local folder of a fetch", async () => {
    expect(await check([["/app/r", "none/r"]])).toEqual({
      code: "no-local-folder",
      kind: "usage",
      message: 'No such local folder "/here/none"',
    });
    expect(await check([["/app/r", "file/r"]])).toMatchObject({ code: "not-a-folder" });
  });

  test("reports two fetches to one target", async () => {
    expect(
      await check([
        ["/a/r", "new"],
        ["/b/r", "./new"],
      ]),
    ).toMatchObject({ code: "fetched-twice" });
    expect(
      await check([
        ["/a/r", "there"],
        ["/b/s", "there"],
      ]),
    ).toBeUndefined();
  });
});
