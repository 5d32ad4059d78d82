import { accessSync, constants, type Dirent, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { unreadable } from "../../errors/files.ts";
import { type LocalFile, readLink } from "../../oneoff/files/local-tree.ts";
import { decodePath, fsPath, pathBytes } from "../../streams/path-bytes.ts";
import type { Ignored } from "./dockerignore.ts";

/**
 * The files of a build context, each folder before its content; a generator, because there may be 100,000. An ignored
 * folder is read only if an exception may match in it; its folders are then included.
 * Synchronous, because asynchronous calls take several times as long.
 * @param onSkipped receives paths that are neither file, folder nor symlink.
 * @throws OneoffError for the first file that cannot be read.
 */
export function* contextFiles(
  root: string,
  ignored: Ignored,
  onSkipped: (path: string) => void,
): Generator<LocalFile, void> {
  /** Ignored folders that are included once a file in them is. */
  const pendingFolders: LocalFile[] = [];
  function* walk(folder: string): Generator<LocalFile, void> {
    const isIgnored = ignored.matcher();
    for (const entry of readOrThrow(join(root, folder), readEntries).sort(byName)) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      const isExcluded = isIgnored(name);
      if (isExcluded && !(entry.isDirectory && ignored.mayKeepWithin(name))) continue;
      const path = join(root, name);
      const file = readOrThrow(path, () => readFacts(path, name));
      if (!file) {
        onSkipped(path);
        continue;
      }
      if (isExcluded) pendingFolders.push(file);
      else {
        yield* pendingFolders.splice(0);
        yield file;
      }
      if (file.kind === "directory") yield* walk(name);
      if (pendingFolders.at(-1) === file) pendingFolders.pop();
    }
  }
  yield* walk("");
}

interface Entry {
  readonly name: string;
  readonly isDirectory: boolean;
}

/** BuildKit expects byte order, which differs from UTF-16 order from U+D800 on. */
const byName = ({ name: a }: Entry, { name: b }: Entry) =>
  BEYOND_BMP.test(a) && BEYOND_BMP.test(b) ? Buffer.compare(pathBytes(a), pathBytes(b)) : a < b ? -1 : 1;

const BEYOND_BMP = /[\ud800-\uffff]/;

function readEntries(path: string): Entry[] {
  const entries: Dirent<string | Buffer>[] = readdirSync(fsPath(path), { withFileTypes: true });
  const isLossy = entries.some(({ name }) => name.includes("\ufffd"));
  // Reading names as bytes is several times slower, so only if Node replaced invalid bytes.
  const exact = isLossy ? readdirSync(fsPath(path), { withFileTypes: true, encoding: "buffer" }) : entries;
  return exact.map((entry) => {
    const name = typeof entry.name === "string" ? entry.name : decodePath(entry.name);
    return { name, isDirectory: entry.isDirectory() };
  });
}

/** @returns undefined for anything but a file, folder or symlink. */
function readFacts(path: string, name: string): LocalFile | undefined {
  const stats = lstatSync(fsPath(path));
  const facts = { path, name, size: 0, mode: stats.mode & 0o7777, mtime: Math.floor(stats.mtimeMs / 1000) };
  if (stats.isSymbolicLink()) return { ...facts, kind: "symlink", linkTarget: readLink(path) };
  if (stats.isDirectory()) return { ...facts, kind: "directory" };
  if (!stats.isFile()) return undefined;
  accessSync(fsPath(path), constants.R_OK);
  return { ...facts, kind: "file", size: stats.size };
}

function readOrThrow<T>(path: string, read: (path: string) => T): T {
  try {
    return read(path);
  } catch (error) {
    throw unreadable("Cannot read", path, error);
  }
}
