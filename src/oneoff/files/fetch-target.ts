import { dirname, join, posix, resolve } from "node:path";
import type { Fetch } from "../../app/transfer.ts";
import { fetchedTwice, noLocalFolder, notLocalFolder, targetExists, unwritable } from "../../errors/files.ts";
import { followLinks, isDirectory, lstatPath } from "./local-path.ts";

/** The target of a fetched file or folder. */
export interface FetchTarget {
  /** An absolute local path. */
  readonly path: string;
  /** A path in the container, without a trailing `/.`. */
  readonly source: string;
  /** Whether `source` must be a folder, because it ended in a slash. */
  readonly needsFolder: boolean;
  /** Whether only the content of the folder `source` is fetched. */
  readonly onlyContents: boolean;
  /** Whether the parent folder of `path` is created. */
  readonly createsFolder: boolean;
}

/** Files go into a target that is an existing folder or ends in a slash; otherwise they get the name of the target. */
export function fetchTarget({ source, target }: Fetch, cwd: string): FetchTarget {
  const onlyContents = /\/\.?$/.test(source) && (source.endsWith("/.") || posix.resolve(source) === "/");
  const absolute = posix.resolve("/", source);
  const localPath = resolve(cwd, target);
  const hasSlash = /(^|\/)\.{0,2}$/.test(target);
  const isFolder = hasSlash || isDirectory(localPath);
  const end = resolveTarget(localPath);
  if (hasSlash && lstatPath(end) && !isDirectory(end)) throw notLocalFolder(localPath);
  const path = onlyContents || !isFolder ? end : join(localPath, posix.basename(absolute));
  return {
    path,
    source: absolute,
    needsFolder: /\/\.?$/.test(source),
    onlyContents,
    createsFolder: isFolder && !onlyContents,
  };
}

/** Like `cp` and `docker cp`, writes through a target that is a symlink. */
function resolveTarget(path: string): string {
  try {
    return followLinks(path);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/**
 * Checks before the command runs that each target can be written.
 * @throws OneoffError for the first target without a folder, or, without `force`, for an existing file
 */
export function checkFetches(fetches: readonly Fetch[], cwd: string, force: boolean): void {
  const paths = new Set<string>();
  for (const fetch of fetches) {
    const { path, onlyContents, createsFolder } = fetchTarget(fetch, cwd);
    if (paths.has(path) && !onlyContents) throw fetchedTwice(path);
    paths.add(path);
    const folder = dirname(path);
    if (!createsFolder && !isDirectory(folder)) throw (lstatPath(folder) ? notLocalFolder : noLocalFolder)(folder);
    const existing = lstatPath(path);
    if (existing && !existing.isDirectory() && onlyContents) throw notLocalFolder(path);
    // Conflicts inside an existing folder are reported after the download.
    if (existing && !existing.isDirectory() && !force) throw targetExists(path);
  }
}
