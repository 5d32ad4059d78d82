import { statSync } from "node:fs";
import { expect, test } from "vitest";
import { makeFolder } from "../../../../src/oneoff/files/make-folder.ts";
import { folder } from "../../../support/folder.ts";

test("a folder is made with all above it, for nobody else, and may be there already", async () => {
  await using place = await folder();
  makeFolder(`${place.path}/a/b/c`);
  makeFolder(`${place.path}/a/b/c`);
  for (const below of ["a", "a/b", "a/b/c"]) expect(statSync(`${place.path}/${below}`).mode & 0o777).toBe(0o700);
});

test.each([
  ["/proc/nonesuch/a", "ENOENT"],
  ["/etc/passwd/a", "ENOTDIR"],
])("%s fails, and at once", (path, code) => {
  expect(() => makeFolder(path)).toThrow(expect.objectContaining({ code }));
});
