import { symlinkSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { contextFiles } from "../../../../src/deploy/image/context-files.ts";
import { contextItem } from "../../../../src/deploy/image/context-items.ts";
import { parseDockerignore } from "../../../../src/deploy/image/dockerignore.ts";
import { fsPath } from "../../../../src/streams/path-bytes.ts";
import { folder } from "../../../support/folder.ts";

test("reads files whose names are not UTF-8", async () => {
  await using place = await folder();
  const at = (name: string) => fsPath(`${place.path}/${name}`);
  writeFileSync(at("caf\udce9"), "one");
  writeFileSync(at("caf\udce8"), "two");
  symlinkSync(fsPath("caf\udce9"), at("link"));
  const files = [...contextFiles(place.path, parseDockerignore("", ".dockerignore"), () => {})];
  expect(files.map(({ name, linkTarget }) => [name, linkTarget])).toEqual([
    ["caf\udce8", undefined],
    ["caf\udce9", undefined],
    ["link", "caf\udce9"],
  ]);
  const [first] = files;
  if (!first) throw new Error("no file");
  const item = contextItem(first);
  const memory = Buffer.alloc(3);
  expect(await item.read?.(memory)).toBe(3);
  expect(memory.toString()).toBe("two");
});
