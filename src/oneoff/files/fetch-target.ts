import { lstatSync, statSync } from "node:fs";
import { dirname, join, posix, resolve } from "node:path";
import type { Fetch } from "../../app/transfer.ts";
import { fetchedTwice, noLocalFolder, targetExists } from "../../errors.ts";
import { fsPath } from "../../streams/path-bytes.ts";

/** Where something that is fetched goes. */
export interface FetchTarget {
  /** An absolute path of ours. */
  readonly path: string;
  /** Of the container: without a `/.` at its end, which means what is in the folder. */
  readonly source: string;
  /** Whether it is to be what is in `source`, and not `source` itself. */
  readonly contents: boolean;
  /** Whether the folder that `path` is in is to be made. */
  readonly makesFolder: boolean;
}

/** Into a folder that is there, or that the target says is one by a slash at its end; otherwise under the target's name. */
export function fetchTarget({ source, target }: Fetch, cwd: string): FetchTarget {
  const contents = /\/\.?$/.test(source) && (source.endsWith("/.") || posix.resolve(source) === "/");
  const whole = posix.resolve("/", source);
  const given = resolve(cwd, target);
  const isFolder = /(^|\/)\.{0,2}$/.test(target) || isDirectory(given);
  const path = contents || !isFolder ? given : join(given, posix.basename(whole));
  return { path, source: whole, contents, makesFolder: isFolder && !contents };
}

const isDirectory = (path: string) => statSync(fsPath(path), { throwIfNoEntry: false })?.isDirectory() ?? false;

/**
 * What can be known before the command runs: whether each has a place to go.
 * @throws OneoffError for the first that has none, or would take the place of a file that is there.
 */
export function checkFetches(fetches: readonly Fetch[], cwd: string, force: boolean): void {
  const paths = new Set<string>();
  for (const fetch of fetches) {
    const { path, contents, makesFolder } = fetchTarget(fetch, cwd);
    if (paths.has(path) && !contents) throw fetchedTwice(path);
    paths.add(path);
    if (!makesFolder && !isDirectory(dirname(path))) throw noLocalFolder(dirname(path));
    const there = lstatSync(fsPath(path), { throwIfNoEntry: false });
    // Into a folder it may go, if nothing of it is there already; that is seen when it has come.
    if (there && !there.isDirectory() && !force) throw targetExists(path);
  }
}
