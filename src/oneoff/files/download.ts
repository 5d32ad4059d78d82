import { chmodSync, existsSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Fetch } from "../../app/transfer.ts";
import type { PathStat } from "../../engine/archive.ts";
import { inspectContainer } from "../../engine/containers.ts";
import { retry } from "../../engine/retry.ts";
import type { Transport } from "../../engine/transport.ts";
import { OneoffError } from "../../errors/error.ts";
import { noLocalFolder, noSuchPath, notFetchable, unwritable } from "../../errors/files.ts";
import { isArchiveCut } from "../../errors/io.ts";
import { decodePath, fsPath } from "../../streams/path-bytes.ts";
import { archiveEntries } from "./archive-entries.ts";
import { resolveContainerPath } from "./container-path.ts";
import { checkFetches, fetchTarget } from "./fetch-target.ts";
import { makeFolder } from "./make-folder.ts";
import { moveTree } from "./move-tree.ts";
import { type FolderAttributes, unpackTree } from "./unpack-tree.ts";
import type { TransferContext } from "./upload.ts";
import { findMount } from "./upload-volumes.ts";

/**
 * Downloads a file or folder of a running or exited container. It is written to a hidden folder beside the target and
 * renamed when it is complete.
 * @param force whether existing files are replaced.
 * @throws OneoffError
 */
export async function fetchTree(
  context: TransferContext,
  { id, name }: { readonly id: string; readonly name: string },
  fetch: Fetch,
  { cwd, force }: { readonly cwd: string; readonly force: boolean },
): Promise<void> {
  const { engine, report, signal } = context;
  checkFetches([fetch], cwd, force);
  const { path, source, needsFolder, onlyContents, createsFolder } = fetchTarget(fetch, cwd);
  const stat = await statSource(engine, id, name, needsFolder ? `${source}/` : source);
  const progress = {
    type: "progress",
    operation: "fetch",
    total: stat.kind === "file" ? stat.size : undefined,
  } as const;
  let done = 0;
  const download = async () => {
    done = 0;
    using temporary = makeTemporaryFolder(onlyContents && existsSync(fsPath(path)) ? path : dirname(path));
    const tree = join(temporary.path, "tree");
    const entries = archiveEntries(engine, { id, name }, stat.linkTarget, signal);
    const folders = await unpackTree(entries, tree, report, (bytes) => {
      done += bytes;
      report({ ...progress, current: done });
    });
    const existing = moveTree(tree, path, force);
    setFolderAttributes(folders, path, existing);
  };
  try {
    if (createsFolder) makeFolder(dirname(path), 0o777);
    // Podman unmounts the files of an exited container even while it sends their archive.
    await retry({ maxAttempts: 2, isTemporary: isArchiveCut, pauseMs: 500, signal }, download);
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof OneoffError ? error : unwritable(path, error);
  } finally {
    report({ ...progress, current: done, finished: true });
  }
  const local = relative(cwd, path);
  const isBelow = local !== "" && !/^\.\.(\/|$)/.test(local);
  report({ type: "fetched", source: `${name}:${source}`, path: isBelow ? local : path, bytes: done });
}

/**
 * Follows a symlink; `linkTarget` of the result is the resolved path.
 * @throws OneoffError for a missing path, and for a path that is neither a file nor a folder
 */
export async function statSource(engine: Transport, id: string, name: string, source: string): Promise<PathStat> {
  const { path, stat } = await resolveContainerPath(engine, { id, name }, source);
  if (!stat) {
    const over = findMount((await inspectContainer(engine, id)).HostConfig, source);
    throw noSuchPath(name, source, over?.isTmpfs ? over.target : undefined);
  }
  if (stat.kind === "other") throw notFetchable(name, source, "it is not a file or folder");
  return { ...stat, linkTarget: path };
}

function makeTemporaryFolder(beside: string) {
  let path: string;
  try {
    path = decodePath(mkdtempSync(fsPath(join(beside, ".oneoff-")) as string, "buffer"));
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ENOENT" ? noLocalFolder(beside) : error;
  }
  return { path, [Symbol.dispose]: () => rmSync(fsPath(path), { recursive: true, force: true }) };
}

/** Inner folders first, because changes in a folder need write access to it and update its mtime. */
function setFolderAttributes(folders: readonly FolderAttributes[], root: string, existing: ReadonlySet<string>): void {
  for (const { name, mode, mtime } of folders.toReversed()) {
    const path = join(root, name);
    if (existing.has(path)) continue;
    utimesSync(fsPath(path), mtime, mtime);
    chmodSync(fsPath(path), mode);
  }
}
