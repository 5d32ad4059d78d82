import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { archive, gzip, xz } from "../../../build/archive.ts";
import { folder } from "../../support/folder.ts";

const entries = [
  { path: "oneoff", content: Buffer.alloc(3_000_000, "binary"), executable: true },
  { path: "completions/_oneoff", content: Buffer.from("zsh") },
  { path: "LICENSE", content: Buffer.from("") },
];

const pack = () => archive("oneoff-1", entries, 1_700_000_000);

test("packs one folder without owner names, with one time for all entries", async () => {
  await using dir = await folder();
  writeFileSync(`${dir.path}/a.tar.gz`, gzip(await pack()));
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
  const one = await pack();
  expect((await archive("oneoff-1", entries.toReversed(), 1_700_000_000)).equals(one)).toBe(true);
  expect((await archive("oneoff-1", entries, 1_700_000_001)).equals(one)).toBe(false);
  // The gzip header has neither a name nor a time.
  expect(gzip(one).subarray(0, 8).toString("hex")).toBe("1f8b080000000000");
});

test("compresses with xz to the same bytes each time, in one block with a checksum and without a filter", async () => {
  await using dir = await folder();
  const tar = await pack();
  writeFileSync(`${dir.path}/a.tar.xz`, await xz(tar));
  expect((await xz(tar)).equals(readFileSync(`${dir.path}/a.tar.xz`))).toBe(true);
  const listed = execFileSync("xz", ["--list", "--robot", "-vv", "a.tar.xz"], { cwd: dir.path, encoding: "utf8" });
  expect(
    listed
      .match(/^totals.*/m)?.[0]
      .split("\t")
      .slice(1, 3),
  ).toEqual(["1", "1"]);
  expect(listed.match(/CRC64.*\t(--\S+.*)$/m)?.[1]).toBe("--lzma2=dict=64MiB");
  expect(execFileSync("xz", ["-dc", "a.tar.xz"], { cwd: dir.path, maxBuffer: 1e8 }).equals(tar)).toBe(true);
});
