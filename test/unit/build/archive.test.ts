import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { archive } from "../../../build/archive.ts";
import { folder } from "../../support/folder.ts";

const entries = [
  { path: "oneoff", content: Buffer.alloc(3_000_000, "binary"), executable: true },
  { path: "completions/_oneoff", content: Buffer.from("zsh") },
  { path: "LICENSE", content: Buffer.from("") },
];

test("packs one folder without owner names, with one time for all entries", async () => {
  await using dir = await folder();
  writeFileSync(`${dir.path}/a.tar.gz`, await archive("oneoff-1", entries, 1_700_000_000));
  const env = { ...process.env, TZ: "UTC" };
  const listed = execFileSync("tar", ["--numeric-owner", "-tvzf", "a.tar.gz"], {
    cwd: dir.path,
    env,
    encoding: "utf8",
  });
  expect(listed.replace(/ +/g, " ").trim().split("\n")).toEqual([
    "drwxr-xr-x 0/0 0 2023-11-14 22:13 oneoff-1/",
    "-rw-r--r-- 0/0 0 2023-11-14 22:13 oneoff-1/LICENSE",
    "drwxr-xr-x 0/0 0 2023-11-14 22:13 oneoff-1/completions/",
    "-rw-r--r-- 0/0 3 2023-11-14 22:13 oneoff-1/completions/_oneoff",
    "-rwxr-xr-x 0/0 3000000 2023-11-14 22:13 oneoff-1/oneoff",
  ]);
  const content = execFileSync("tar", ["-xOzf", "a.tar.gz", "oneoff-1/oneoff"], { cwd: dir.path, maxBuffer: 1e8 });
  expect(content.equals(entries[0]?.content as Buffer)).toBe(true);
});

test("packs the same bytes regardless of the order of files", async () => {
  const one = await archive("oneoff-1", entries, 1_700_000_000);
  expect((await archive("oneoff-1", entries.toReversed(), 1_700_000_000)).equals(one)).toBe(true);
  expect((await archive("oneoff-1", entries, 1_700_000_001)).equals(one)).toBe(false);
  // The gzip header has neither a name nor a time.
  expect(one.subarray(0, 8).toString("hex")).toBe("1f8b080000000000");
});
