import { dirname, join, posix, resolve } from "node:path";
import type { Fetch } from "../../app/transfer.ts";
import { fetchedTwice, noLocalFolder, notLocalFolder, targetExists, unwritable } from "../../errors/files.ts";
import { followLinks, isDirectory, lstatPath } from "./local-path.ts";

/** Where something that is fetched goes. */
export interface FetchTarget {
  /** An absolute path of ours. */
  readonly path: string;
  /** Of the container: without a `/.` at its end, which means what is in the folder. */
  readonly source: string;
  /** Whether a slash at its end says that `source` is a folder. */
  readonly needsFolder: boolean;
  /** Whether it is to be what is in `source`, and not `source` itself. */
  readonly onlyContents: boolean;
  /** Whether the folder that `path` is in is to be made. */
  readonly createsFolder: boolean;
}

/** Into a folder that is there, or that the target says is one by a slash at its end; otherwise under the target's name. */
export function fetchTarget({ source, target }: Fetch, cwd: string): FetchTarget {
  const onlyContents = /\/\.?$/.test(source) && (source.endsWith("/.") || posix.resolve(source) === "/");
  const whole = posix.resolve("/", source);
  const given = resolve(cwd, target);
  const hasSlash = /(^|\/)\.{0,2}$/.test(target);
  const isFolder = hasSlash || isDirectory(given);
  const end = resolveTarget(given);
  if (hasSlash && lstatPath(end) && !isDirectory(end)) throw notLocalFolder(given);
  const path = onlyContents || !isFolder ? end : join(given, posix.basename(whole));
  return {
    path,
    source: whole,
    needsFolder: /\/\.?$/.test(source),
    onlyContents,
    createsFolder: isFolder && !onlyContents,
  };
}

/** As cp and docker cp do it: a target that is a symlink stays, and what it leads to is written. */
function resolveTarget(path: string): string {
  try {
    return followLinks(path);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/**
 * What can be known before the command runs: whether each has a place to go.
 * @throws OneoffError for the first that has none, or would take the place of a file that is there.
 */
export function checkFetches(fetches: readonly Fetch[], cwd: string, force: boolean): void {
  const paths = new Set<string>();
  for (const fetch of fetches) {
    const { path, onlyContents, createsFolder } = fetchTarget(fetch, cwd);
    if (paths.has(path) && !onlyContents) throw fetchedTwice(path);
    paths.add(path);
    const folder = dirname(path);
    if (!createsFolder && !isDirectory(folder)) throw (lstatPath(folder) ? notLocalFolder : noLocalFolder)(folder);
    const there = lstatPath(path);
    if (there && !there.isDirectory() && onlyContents) throw notLocalFolder(path);
    // Into a folder it may go, if nothing of it is there already; that is seen when it has come.
    if (there && !there.isDirectory() && !force) throw targetExists(path);
  }
}
