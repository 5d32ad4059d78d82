import { lstatSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { moveTree } from "../../../../src/oneoff/files/move-tree.ts";
import { folder } from "../../../support/folder.ts";

const code = (act: () => unknown) => {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const text = (path: string) => readFileSync(path, "utf8");

describe("without an existing target", () => {
  test("moves a file to a new target", async () => {
    await using place = await folder({ "from/f": "1" });
    const kept = moveTree(`${place.path}/from/f`, `${place.path}/f`, false);
    expect(kept.size).toBe(0);
    expect(text(`${place.path}/f`)).toBe("1");
    expect(readdirSync(`${place.path}/from`)).toEqual([]);
  });

  test("moves a folder with its content to a new target", async () => {
    await using place = await folder({ "from/d/e/f": "1" });
    moveTree(`${place.path}/from/d`, `${place.path}/d`, false);
    expect(text(`${place.path}/d/e/f`)).toBe("1");
  });

  test("moves a symlink with any target", async () => {
    await using place = await folder({ "from/f": "1" });
    symlinkSync("f", `${place.path}/from/l`);
    moveTree(`${place.path}/from/l`, `${place.path}/l`, false);
    expect(readlinkSync(`${place.path}/l`)).toBe("f");
  });
});

describe("with an existing target", () => {
  test("replaces a file with force only", async () => {
    await using place = await folder({ "from/f": "new", f: "old" });
    expect(code(() => moveTree(`${place.path}/from/f`, `${place.path}/f`, false))).toBe("target-exists");
    expect(text(`${place.path}/f`)).toBe("old");
    moveTree(`${place.path}/from/f`, `${place.path}/f`, true);
    expect(text(`${place.path}/f`)).toBe("new");
  });

  test("replaces a symlink without following it", async () => {
    await using place = await folder({ "from/f": "new", precious: "old" });
    symlinkSync("precious", `${place.path}/f`);
    expect(code(() => moveTree(`${place.path}/from/f`, `${place.path}/f`, false))).toBe("target-exists");
    moveTree(`${place.path}/from/f`, `${place.path}/f`, true);
    expect([text(`${place.path}/precious`), text(`${place.path}/f`)]).toEqual(["old", "new"]);
    expect(lstatSync(`${place.path}/f`).isSymbolicLink()).toBe(false);
  });

  test("treats a dangling symlink as existing", async () => {
    await using place = await folder({ "from/f": "new" });
    symlinkSync("/nowhere", `${place.path}/f`);
    expect(code(() => moveTree(`${place.path}/from/f`, `${place.path}/f`, false))).toBe("target-exists");
  });

  test("merges folders and returns the existing ones", async () => {
    await using place = await folder({
      "from/d/new": "1",
      "from/d/e/f": "2",
      "from/d/g/h": "3",
      "d/old": "0",
      "d/e/i": "4",
    });
    const kept = moveTree(`${place.path}/from/d`, `${place.path}/d`, false);
    expect([...kept]).toEqual([`${place.path}/d`, `${place.path}/d/e`]);
    expect(readdirSync(`${place.path}/d`, { recursive: true }).sort()).toEqual([
      "e",
      "e/f",
      "e/i",
      "g",
      "g/h",
      "new",
      "old",
    ]);
  });

  test("moves nothing if one of many files conflicts", async () => {
    await using place = await folder({ "from/d/a": "1", "from/d/b/c": "2", "d/b/c": "old" });
    expect(code(() => moveTree(`${place.path}/from/d`, `${place.path}/d`, false))).toBe("target-exists");
    expect(readdirSync(`${place.path}/d`)).toEqual(["b"]);
    expect(text(`${place.path}/d/b/c`)).toBe("old");
  });

  test("does not follow a symlink to a folder", async () => {
    await using place = await folder({ "from/d/e/f": "1", "elsewhere/f": "old" });
    await mkdir(`${place.path}/d`);
    symlinkSync("../elsewhere", `${place.path}/d/e`);
    expect(code(() => moveTree(`${place.path}/from/d`, `${place.path}/d`, true))).toBe("target-other-kind");
    expect(text(`${place.path}/elsewhere/f`)).toBe("old");
  });

  test("never replaces a folder by a file or a file by a folder, even with force", async () => {
    await using place = await folder({ "from/a": "1", "a/b": "2", "from/c/d": "3", c: "4" });
    expect(code(() => moveTree(`${place.path}/from/a`, `${place.path}/a`, true))).toBe("target-other-kind");
    expect(code(() => moveTree(`${place.path}/from/c`, `${place.path}/c`, true))).toBe("target-other-kind");
  });
});
