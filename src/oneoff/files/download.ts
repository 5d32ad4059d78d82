import { chmodSync, existsSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Fetch } from "../../app/transfer.ts";
import { again } from "../../engine/again.ts";
import type { PathStat } from "../../engine/archive.ts";
import { inspectContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { OneoffError } from "../../errors/error.ts";
import { noLocalFolder, noSuchPath, notFetchable, unwritable } from "../../errors/files.ts";
import { isArchiveCut } from "../../errors/io.ts";
import { decodePath, fsPath } from "../../streams/path-bytes.ts";
import { archiveEntries } from "./archive-entries.ts";
import { resolveContainerPath } from "./container-path.ts";
import { checkFetches, fetchTarget } from "./fetch-target.ts";
import { makeFolder } from "./make-folder.ts";
import { moveTree } from "./settle-tree.ts";
import { type FolderAttributes, unpackTree } from "./unpack-tree.ts";
import type { TransferContext } from "./upload.ts";
import { findMount } from "./upload-volumes.ts";

/**
 * Brings one file or folder of a container, started or ended, to us. It is whole when it gets its name; until then it is
 * in a hidden folder beside it, which goes when it fails.
 * @param force whether it may take the place of files that are there.
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
  const bring = async () => {
    done = 0;
    using temporary = makeTemporaryFolder(onlyContents && existsSync(fsPath(path)) ? path : dirname(path));
    const whole = join(temporary.path, "whole");
    const entries = archiveEntries(engine, { id, name }, stat.linkTarget, signal);
    const folders = await unpackTree(entries, whole, report, (bytes) => {
      done += bytes;
      report({ ...progress, current: done });
    });
    const kept = moveTree(whole, path, force);
    setFolderAttributes(folders, path, kept);
  };
  try {
    if (createsFolder) makeFolder(dirname(path), 0o777);
    // Podman clears up after a command that has ended, and takes its files away from an archive that it is sending.
    await again({ times: 2, passes: isArchiveCut, wait: 500, signal }, bring);
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof OneoffError ? error : unwritable(path, error);
  } finally {
    report({ ...progress, current: done, finished: true });
  }
}

/**
 * @returns what is at the end of a symlink, for one; `linkTarget` is then where that is.
 * @throws OneoffError when there is nothing, or what has no contents.
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

/** Inner ones first: a folder that may not be written to is one at the very end, and what is done in it changes its time. */
function setFolderAttributes(folders: readonly FolderAttributes[], root: string, kept: ReadonlySet<string>): void {
  for (const { name, mode, mtime } of folders.toReversed()) {
    const path = join(root, name);
    if (kept.has(path)) continue;
    utimesSync(fsPath(path), mtime, mtime);
    chmodSync(fsPath(path), mode);
  }
}
