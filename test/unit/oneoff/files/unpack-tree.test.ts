import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { OneoffError } from "../../../../src/errors/error.ts";
import { unpackTree } from "../../../../src/oneoff/files/unpack-tree.ts";
import type { Event } from "../../../../src/output/events.ts";
import { unpackTar } from "../../../../src/streams/tar.ts";
import { type Entry, sourceOf, tarOf } from "../../../support/archive.ts";
import { folder } from "../../../support/folder.ts";

const dir = (name: string, mode = 0o755): [Entry] => [{ name, type: "directory", mode }];
const file = (name: string, text = "text", more: Partial<Entry> = {}): [Entry, string] => [{ name, ...more }, text];
const symlink = (name: string, linkname: string): [Entry] => [{ name, type: "symlink", linkname }];
const hardlink = (name: string, linkname: string): [Entry] => [{ name, type: "link", linkname }];

/** The entries below a folder: text of a file, target of a symlink, `/` for a folder. */
function below(root: string, name = ""): Record<string, string> {
  const path = join(root, name);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return {};
  if (stats.isSymbolicLink()) return { [name]: `-> ${readlinkSync(path)}` };
  if (!stats.isDirectory()) return { [name]: readFileSync(path, "utf8") };
  const inside = readdirSync(path).map((one) => below(root, name === "" ? one : `${name}/${one}`));
  return Object.assign({ [`${name}/`]: "/" }, ...inside);
}

/** Unpacks into `place/whole`, and lists the files in it and beside it. */
async function unpack(...entries: Parameters<typeof tarOf>) {
  await using place = await folder({ "outside/secret": "untouched" });
  const events: Event[] = [];
  let written = 0;
  const archive = unpackTar(sourceOf(await tarOf(...entries), 700));
  const outcome = await unpackTree(
    archive,
    `${place.path}/whole`,
    (event) => events.push(event),
    (bytes) => {
      written += bytes;
    },
  ).catch((error: OneoffError) => error);
  expect(below(`${place.path}/outside`)).toEqual({ "/": "/", secret: "untouched" });
  expect(readdirSync(place.path).filter((name) => name !== "whole")).toEqual(["outside"]);
  return {
    outcome,
    written,
    warnings: events.map((event) => (event.type === "not-copied" ? event.message : event.type)),
    tree: below(`${place.path}/whole`),
  };
}

describe("a tree", () => {
  test("unpacks a tree unchanged", async () => {
    const { outcome, tree, warnings, written } = await unpack(
      dir("top"),
      file("top/a", "1"),
      dir("top/d", 0o555),
      file("top/d/é ☃\nnext", "22"),
      symlink("top/d/l", "../a"),
      symlink("top/dangling", "none/yet"),
      symlink("top/here", "."),
      hardlink("top/h", "top/a"),
      file(`top/${"x".repeat(200)}`, ""),
    );
    expect(tree).toEqual({
      "/": "/",
      a: "1",
      "d/": "/",
      "d/é ☃\nnext": "22",
      "d/l": "-> ../a",
      dangling: "-> none/yet",
      here: "-> .",
      h: "1",
      ["x".repeat(200)]: "",
    });
    expect(warnings).toEqual([]);
    expect(written).toBe(3);
    expect(outcome).toMatchObject([
      { name: "", mode: 0o755 },
      { name: "d", mode: 0o555 },
    ]);
  });

  test("unpacks a single file", async () => {
    expect((await unpack(file("report.csv", "a,b"))).tree).toEqual({ "": "a,b" });
  });

  test("unpacks the content of a folder", async () => {
    const { tree } = await unpack(dir("./"), file("./a", "1"), dir("./d/"), file("./d/b", "2"));
    expect(tree).toEqual({ "/": "/", a: "1", "d/": "/", "d/b": "2" });
  });

  test("keeps mtimes, and modes without setuid and setgid", async () => {
    await using place = await folder();
    const mtime = new Date("2001-02-03T04:05:06Z");
    const archive = await tarOf([{ name: "f", mode: 0o7751, mtime }, "x"]);
    await unpackTree(
      unpackTar(sourceOf(archive)),
      `${place.path}/f`,
      () => {},
      () => {},
    );
    const { mode, mtimeMs } = statSync(`${place.path}/f`);
    expect([mode & 0o7777, mtimeMs]).toEqual([0o751, mtime.getTime()]);
  });
});

describe("skipped entries", () => {
  test.each([
    ["/etc/passwd", "an absolute one"],
    ["../outside/secret", "one to the folder beside it"],
    ["..", "one to the folder above"],
    ["d/../../outside", "one that goes down and up again"],
    ["d/..", "even one that would stay"],
    ["./../outside", "one with a dot before"],
    [".//..", "one with slashes"],
  ])("skips a symlink to %j with a warning: %s", async (linkname) => {
    const { tree, warnings, outcome } = await unpack(dir("top"), symlink("top/l", linkname), file("top/after", "1"));
    expect(tree).toEqual({ "/": "/", after: "1" });
    expect(warnings).toEqual([`"top/l" was skipped: link to ${JSON.stringify(linkname)}, outside the fetched files`]);
    expect(outcome).not.toBeInstanceOf(Error);
  });

  test("skips a symlink above the root, but not one to the root", async () => {
    const { tree, warnings } = await unpack(
      dir("top"),
      dir("top/a"),
      dir("top/a/b"),
      symlink("top/a/b/in", "../../x"),
      symlink("top/a/b/out", "../../../x"),
    );
    expect(tree).toEqual({ "/": "/", "a/": "/", "a/b/": "/", "a/b/in": "-> ../../x" });
    expect(warnings).toHaveLength(1);
  });

  test("skips a symlink that leads outside through another", async () => {
    const { tree } = await unpack(
      dir("top"),
      dir("top/a"),
      symlink("top/a/up", ".."),
      // The path stays inside, but not through the other symlink.
      symlink("top/out", "a/up/../outside"),
    );
    expect(tree).toEqual({ "/": "/", "a/": "/", "a/up": "-> .." });
  });

  test.each(["outside/secret", "top/none", "top/d", "top", "top/none/a"])(
    "skips a hard link to %j",
    async (linkname) => {
      const { tree, warnings } = await unpack(
        dir("top"),
        file("top/a", "1"),
        dir("top/d"),
        symlink("top/l", "a"),
        hardlink("top/h", linkname),
      );
      expect(tree).toEqual({ "/": "/", a: "1", "d/": "/", l: "-> a" });
      expect(warnings).toEqual(['"top/h" was skipped: link to a file outside the fetched files']);
    },
  );

  test("skips a hard link to a symlink that would lead outside from its folder", async () => {
    const { tree, warnings } = await unpack(
      dir("top"),
      dir("top/d"),
      symlink("top/d/l", "../x"),
      hardlink("top/d/h", "top/d/l"),
      hardlink("top/h", "top/d/l"),
    );
    expect(tree).toEqual({ "/": "/", "d/": "/", "d/l": "-> ../x", "d/h": "-> ../x" });
    expect(warnings).toEqual(['"top/h" was skipped: link to "../x", outside the fetched files']);
  });

  test.each(["fifo", "character-device", "block-device"] as const)("skips a %s", async (type) => {
    const { tree, warnings } = await unpack(dir("top"), [{ name: "top/x", type }], file("top/after", "1"));
    expect(tree).toEqual({ "/": "/", after: "1" });
    expect(warnings).toEqual(['"top/x" was skipped: not a file, directory or link']);
  });
});

describe("an unsafe archive", () => {
  const refused = async (...entries: Parameters<typeof tarOf>) => {
    const { outcome } = await unpack(...entries);
    expect(outcome).toMatchObject({ code: "unsafe-archive" });
    return (outcome as OneoffError).message;
  };

  test("escapes control characters of an archive in the error", async () => {
    expect(await refused(dir("top"), file("top/../\x1b[31m", "x"))).toBe(
      'Unsafe path in the archive: "top/../\\u001b[31m"; nothing was written',
    );
  });

  test.each([
    "/etc/passwd",
    "../outside/secret",
    "top/../../outside/secret",
    "top/..",
    "..",
    "//x",
    "top//x",
    "other/x",
  ])("refuses a file named %j", async (name) => void (await refused(dir("top"), file(name, "evil"))));

  test("refuses a first file with an unsafe name", () => refused(file("../outside/secret", "evil")));
  test("refuses a name with a NUL byte", () => refused(dir("top"), [{ name: "x", pax: { path: "top/a\0b" } }, "evil"]));
  test("refuses a hard link above the root", () => refused(dir("top"), hardlink("top/h", "top/../../outside/secret")));
  test("refuses a file below a symlink", () =>
    refused(dir("top"), dir("top/d"), symlink("top/l", "d"), file("top/l/x", "evil")));
  test("refuses a file below a skipped symlink", () =>
    refused(dir("top"), symlink("top/l", "../outside"), file("top/l/secret", "evil")));
  test("refuses a file in a file", () => refused(dir("top"), file("top/f"), file("top/f/x")));
  test("refuses a file in a missing folder", () => refused(dir("top"), file("top/d/x")));
  test("refuses two files with one name", () => refused(dir("top"), file("top/f"), file("top/f", "other")));
  test("refuses a file with the name of a symlink", () =>
    refused(dir("top"), symlink("top/f", "g"), file("top/f", "evil")));
  test("refuses a symlink with the name of a folder", () => refused(dir("top"), dir("top/d"), symlink("top/d", "x")));
  test("refuses a folder with the name of a symlink", () => refused(dir("top"), symlink("top/d", "."), dir("top/d")));
  test("refuses a duplicate folder", () => refused(dir("top"), dir("top/d"), dir("top/d")));
  test("refuses an archive with two roots", () => refused(file("a"), file("b")));
  test("refuses a path with a dot in the middle", () => refused(dir("top"), file("top/./x")));

  test("refuses an archive without entries", async () => {
    expect((await unpack()).outcome).toMatchObject({ code: "bad-archive" });
  });

  test("refuses an archive of only a symlink that leads outside", async () => {
    const { outcome, warnings } = await unpack(symlink("l", "/etc"));
    expect(outcome).toMatchObject({ code: "bad-archive" });
    expect(warnings).toHaveLength(1);
  });
});
