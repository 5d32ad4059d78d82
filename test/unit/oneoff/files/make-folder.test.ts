import { statSync } from "node:fs";
import { expect, test } from "vitest";
import { makeFolder } from "../../../../src/oneoff/files/make-folder.ts";
import { folder } from "../../../support/folder.ts";

test("creates a private folder with its parents, and accepts an existing one", async () => {
  await using place = await folder();
  makeFolder(`${place.path}/a/b/c`);
  makeFolder(`${place.path}/a/b/c`);
  for (const below of ["a", "a/b", "a/b/c"]) expect(statSync(`${place.path}/${below}`).mode & 0o777).toBe(0o700);
});

test.each([
  ["/proc/nonesuch/a", "ENOENT"],
  ["/etc/passwd/a", "ENOTDIR"],
])("fails at once for %s", (path, code) => {
  expect(() => makeFolder(path)).toThrow(expect.objectContaining({ code }));
});
