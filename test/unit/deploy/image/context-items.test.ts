import { execFileSync } from "node:child_process";
import { appendFile, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { contextFiles } from "../../../../src/deploy/image/context-files.ts";
import { contextItem, SCRATCH_BYTES } from "../../../../src/deploy/image/context-items.ts";
import { parseDockerignore } from "../../../../src/deploy/image/dockerignore.ts";
import { folder } from "../../../support/folder.ts";

const LARGE = 200 * 1024;

async function readItem(item: ReturnType<typeof contextItem>, most: number): Promise<Buffer> {
  const content = Buffer.alloc(item.header.size);
  try {
    for (let at = 0; at < content.length; ) at += (await item.read?.(content.subarray(at, at + most))) ?? 0;
  } finally {
    await item.close?.();
  }
  return content;
}

describe("contextItem", () => {
  test.each([1, 1000, SCRATCH_BYTES - 1, SCRATCH_BYTES, LARGE])("reads a file of %i bytes in parts", async (size) => {
    const content = Buffer.from(Uint8Array.from({ length: size }, (_, at) => at * 7));
    await using here = await folder({ a: content, b: content });
    const scratch = Buffer.alloc(SCRATCH_BYTES);
    for (const file of contextFiles(here.path, parseDockerignore("", ""), () => {})) {
      expect((await readItem(contextItem(file, scratch), 700)).equals(content)).toBe(true);
    }
  });

  const changes: Record<string, [code: string, change: (path: string) => unknown]> = {
    "has grown": ["file-changed", (path) => appendFile(path, "x")],
    "has shrunk": ["file-changed", (path) => truncate(path, 1)],
    "is empty": ["file-changed", (path) => truncate(path, 0)],
    "was removed": ["unreadable", (path) => rm(path)],
    "was replaced by a pipe": ["file-changed", (path) => execFileSync("sh", ["-c", 'rm "$0"; mkfifo "$0"', path])],
    "was replaced by a symlink": [
      "unreadable",
      async (path) => {
        await rename(path, `${path}.old`);
        await symlink("a.old", path);
      },
    ],
    "was replaced by a folder": ["unreadable", (path) => execFileSync("sh", ["-c", 'rm "$0"; mkdir "$0"', path])],
  };
  test.each(Object.entries(changes))("fails if a small file %s", async (_what, [code, change]) => {
    await using here = await folder({ a: "some text" });
    const [file] = contextFiles(here.path, parseDockerignore("", ""), () => {});
    if (!file) throw new Error("no file");
    await change(join(here.path, "a"));
    await expect(readItem(contextItem(file), 100)).rejects.toMatchObject({ code });
  });

  test.each(["has grown", "has shrunk", "was removed", "was replaced by a pipe"])(
    "fails if a large file %s",
    async (what) => {
      await using here = await folder();
      const path = join(here.path, "a");
      await writeFile(path, Buffer.alloc(LARGE));
      const [file] = contextFiles(here.path, parseDockerignore("", ""), () => {});
      const [code = "", change] = changes[what] ?? [];
      if (!file) throw new Error("no file");
      await change?.(path);
      await expect(readItem(contextItem(file), 100_000)).rejects.toMatchObject({ code });
    },
  );
});
