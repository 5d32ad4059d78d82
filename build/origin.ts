import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What is built, and where it comes from. */
export interface Origin {
  readonly version: string;
  /**
   * The full hash, with `-dirty` if tracked files have changed; "unknown" without a history and without a note of
   * `git archive`.
   */
  readonly commit: string;
  /** Time of the commit in seconds since 1970: the only time in the build. */
  readonly time: number;
}

/** `SOURCE_DATE_EPOCH` takes precedence over the time of the commit. @throws if a tag and package.json name different versions. */
export function origin(env: NodeJS.ProcessEnv = process.env, folder = root): Origin {
  const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as { version: string };
  const [commit = "", time, tag] = (fromGit(folder) ?? fromArchive(folder)).split(" ");
  if (tag && tag !== `v${version}`) throw new Error(`The tag here is ${tag}, but package.json says ${version}`);
  return { version, commit: commit || "unknown", time: Number(env.SOURCE_DATE_EPOCH ?? time ?? 0) };
}

/** `COMMIT TIME [TAG]`; undefined if the folder is not the root of a repository. */
function fromGit(folder: string): string | undefined {
  const git = (...words: string[]) =>
    execFileSync("git", words, { cwd: folder, encoding: "utf8", stdio: "pipe" }).trim();
  try {
    // A source archive inside another repository is not part of its commits.
    if (git("rev-parse", "--show-prefix") !== "") return undefined;
    const tag = git("tag", "--points-at", "HEAD", "--list", "v*").split("\n")[0] ?? "";
    const [commit, time] = git("log", "-1", "--format=%H %ct").split(" ");
    const dirty = git("status", "--porcelain", "--untracked-files=no") === "" ? "" : "-dirty";
    return `${commit}${dirty} ${time} ${tag}`;
  } catch {
    return undefined;
  }
}

/** `git archive` fills the file in (.gitattributes); in the repository it is a placeholder. */
function fromArchive(folder: string): string {
  const noted = readFileSync(`${folder}/build/commit.txt`, "utf8").trim();
  return noted.startsWith("$") ? "" : noted;
}
