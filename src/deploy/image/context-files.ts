import { accessSync, constants, type Dirent, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { unreadable } from "../../errors/files.ts";
import { type LocalFile, readLink } from "../../oneoff/files/local-tree.ts";
import { decodePath, fsPath, pathBytes } from "../../streams/path-bytes.ts";
import type { Ignored } from "./dockerignore.ts";

/**
 * What of a folder goes into a build, one after another, a folder before what is in it: there may be 100,000 of them.
 * Nothing of an ignored folder is looked at, unless an exception may bring something back; its folders then come along.
 * Not asynchronous: it would take several times as long, and there is nothing else to do meanwhile.
 * @param onSkipped called with the path of what is neither file, folder nor symlink.
 * @throws OneoffError for the first that cannot be read.
 */
export function* contextFiles(
  root: string,
  ignored: Ignored,
  onSkipped: (path: string) => void,
): Generator<LocalFile, void> {
  /** Ignored folders that are being looked into, of which nothing has come yet. */
  const held: LocalFile[] = [];
  function* inside(folder: string): Generator<LocalFile, void> {
    const isIgnored = ignored.matcher();
    for (const entry of readOrThrow(join(root, folder), readEntries).sort(byName)) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      const isOut = isIgnored(name);
      if (isOut && !(entry.isDirectory && ignored.mayKeepWithin(name))) continue;
      const path = join(root, name);
      const file = readOrThrow(path, () => readFacts(path, name));
      if (!file) {
        onSkipped(path);
        continue;
      }
      if (isOut) held.push(file);
      else {
        yield* held.splice(0);
        yield file;
      }
      if (file.kind === "directory") yield* inside(name);
      if (held.at(-1) === file) held.pop();
    }
  }
  yield* inside("");
}

interface Entry {
  readonly name: string;
  readonly isDirectory: boolean;
}

/** In the order of their bytes, which BuildKit expects: that of UTF-16 differs from U+D800 on. */
const byName = ({ name: a }: Entry, { name: b }: Entry) =>
  BEYOND_BMP.test(a) && BEYOND_BMP.test(b) ? Buffer.compare(pathBytes(a), pathBytes(b)) : a < b ? -1 : 1;

const BEYOND_BMP = /[\ud800-\uffff]/;

function readEntries(path: string): Entry[] {
  const entries: Dirent<string | Buffer>[] = readdirSync(fsPath(path), { withFileTypes: true });
  const isLossy = entries.some(({ name }) => name.includes("\ufffd"));
  // Names in bytes take several times as long: only where Node has replaced some.
  const exact = isLossy ? readdirSync(fsPath(path), { withFileTypes: true, encoding: "buffer" }) : entries;
  return exact.map((entry) => {
    const name = typeof entry.name === "string" ? entry.name : decodePath(entry.name);
    return { name, isDirectory: entry.isDirectory() };
  });
}

/** @returns undefined for what is neither file, folder nor symlink. */
function readFacts(path: string, name: string): LocalFile | undefined {
  const stats = lstatSync(fsPath(path));
  const facts = { path, name, size: 0, mode: stats.mode & 0o7777, mtime: Math.floor(stats.mtimeMs / 1000) };
  if (stats.isSymbolicLink()) return { ...facts, kind: "symlink", leads: readLink(path) };
  if (stats.isDirectory()) return { ...facts, kind: "directory" };
  if (!stats.isFile()) return undefined;
  accessSync(fsPath(path), constants.R_OK);
  return { ...facts, kind: "file", size: stats.size };
}

function readOrThrow<T>(path: string, act: (path: string) => T): T {
  try {
    return act(path);
  } catch (error) {
    throw unreadable("Cannot read", path, error);
  }
}
