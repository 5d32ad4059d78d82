import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { origin } from "../../../build/origin.ts";
import { folder } from "../../support/folder.ts";

const source = () =>
  folder({
    "package.json": '{"version": "1.2.3"}',
    "build/commit.txt": "$Format:%H %ct$\n",
    ".gitattributes": "build/commit.txt export-subst\n",
  });

/** A committer without settings, on the day of Unix time 1,700,000,000. */
const git = (cwd: string, ...words: string[]) => {
  const who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false"];
  const env = { ...process.env, GIT_COMMITTER_DATE: "1700000000 +0000", GIT_CONFIG_GLOBAL: "/dev/null" };
  return execFileSync("git", [...who, ...words], { cwd, env, encoding: "utf8", stdio: "pipe" });
};

async function repository() {
  const dir = await source();
  git(dir.path, "init", "-q");
  git(dir.path, "add", ".");
  git(dir.path, "commit", "-qm", "first");
  return dir;
}

test("reads commit and time from the repository, and prefers SOURCE_DATE_EPOCH", async () => {
  await using dir = await repository();
  const commit = git(dir.path, "rev-parse", "HEAD").trim();
  expect(origin({}, dir.path)).toEqual({ version: "1.2.3", commit, time: 1_700_000_000 });
  expect(origin({ SOURCE_DATE_EPOCH: "5" }, dir.path).time).toBe(5);
});

test("reports modified files, and ignores untracked ones", async () => {
  await using dir = await repository();
  const { commit } = origin({}, dir.path);
  writeFileSync(`${dir.path}/new.txt`, "");
  expect(origin({}, dir.path).commit).toBe(commit);
  writeFileSync(`${dir.path}/package.json`, '{"version": "1.2.4"}');
  expect(origin({}, dir.path)).toEqual({ version: "1.2.4", commit: `${commit}-dirty`, time: 1_700_000_000 });
  git(dir.path, "add", "package.json");
  expect(origin({}, dir.path).commit).toBe(`${commit}-dirty`);
});

test("reads the same commit from a source archive, also inside another repository", async () => {
  await using dir = await repository();
  await using other = await repository();
  git(dir.path, "archive", "--prefix=source/", "-o", `${other.path}/source.tar`, "HEAD");
  execFileSync("tar", ["-xf", "source.tar"], { cwd: other.path });
  expect(origin({}, `${other.path}/source`)).toEqual(origin({}, dir.path));
});

test("reports an unknown commit and no time without repository and archive data", async () => {
  await using dir = await source();
  expect(origin({}, dir.path)).toEqual({ version: "1.2.3", commit: "unknown", time: 0 });
});

test("fails if the tag and the version differ", async () => {
  await using dir = await repository();
  git(dir.path, "tag", "v1.2.3");
  expect(origin({}, dir.path).version).toBe("1.2.3");
  git(dir.path, "tag", "-d", "v1.2.3");
  git(dir.path, "tag", "v2.0.0");
  expect(() => origin({}, dir.path)).toThrow("The tag here is v2.0.0, but package.json says 1.2.3");
});
