import {
  closeSync,
  constants,
  fchmodSync,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { notCopied } from "../../errors/error.ts";
import { unsafeArchive } from "../../errors/files.ts";
import { emptyArchive } from "../../errors/io.ts";
import type { Report } from "../../output/events.ts";
import { fsPath } from "../../streams/path-bytes.ts";
import type { Unpacked } from "../../streams/tar.ts";
import { quoted } from "../../text/quoted.ts";
import { readLink } from "./local-tree.ts";

/** What a folder is to have once everything is in it. */
export interface FolderAttributes {
  /** Below the root, with slashes; empty for the root itself. */
  readonly name: string;
  readonly mode: number;
  /** In seconds since 1970. */
  readonly mtime: number;
}

/** For us alone, as long as it is not whole. */
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
/** Not the bits that let a file act as its owner. */
const PERMISSION_BITS = 0o777;

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/**
 * Writes an archive's one tree to `root`, which is not there yet. Whoever made the archive may mean us harm: nothing is
 * written outside of `root`, no link leads out of it, and what is there is never opened again. What is no file,
 * folder or link is left out.
 * @returns the folders, an outer one before an inner one, for the caller to finish.
 * @throws OneoffError for an archive that is not as the engine makes them.
 */
export async function unpackTree(
  archive: AsyncIterable<Unpacked>,
  root: string,
  report: Report,
  onWritten: (bytes: number) => void,
): Promise<FolderAttributes[]> {
  const folders = new Map<string, FolderAttributes>();
  let top: string | undefined;
  const skip = (name: string, reason: string) => report(notCopied(`${quoted(name)} was skipped: ${reason}`));

  const symlink = (name: string, target: string) => {
    const [, ...parts] = partsOf(name);
    if (staysInside(target, parts.length - 1)) symlinkSync(fsPath(target), fsPath(join(root, ...parts)));
    else skip(name, `link to ${quoted(target)}, outside the fetched files`);
  };

  const unpackEntry = async (entry: Unpacked, parts: readonly string[]) => {
    const name = parts.slice(1).join("/");
    const path = join(root, name);
    const mode = entry.mode & PERMISSION_BITS;
    if (entry.type === "directory") {
      mkdirSync(fsPath(path), PRIVATE_FOLDER);
      folders.set(name, { name, mode, mtime: entry.mtime });
    } else if (entry.type === "file") await writeFile(path, entry, mode, onWritten);
    else if (entry.type === "symlink") symlink(entry.name, entry.linkname);
    else if (entry.type === "link") {
      const [first, ...rest] = partsOf(entry.linkname);
      const target = join(root, ...rest);
      const isHere = first === top && folders.has(rest.slice(0, -1).join("/"));
      const there = isHere ? lstatSync(fsPath(target), { throwIfNoEntry: false }) : undefined;
      if (there?.isFile()) linkSync(fsPath(target), fsPath(path));
      // One that stays inside from where it is may lead out from here.
      else if (there?.isSymbolicLink()) symlink(entry.name, readLink(target));
      else skip(entry.name, "link to a file outside the fetched files");
    } else skip(entry.name, "not a file, directory or link");
  };

  for await (const entry of archive) {
    const parts = partsOf(entry.name);
    top ??= parts[0];
    const name = parts.slice(1).join("/");
    // Only into a folder that this very archive has brought: never through a link.
    const hasPlace = name === "" || folders.has(parts.slice(1, -1).join("/"));
    if (parts[0] !== top || !hasPlace) throw unsafeArchive(entry.name);
    try {
      await unpackEntry(entry, parts);
    } catch (error) {
      // No file system has two files of one name.
      throw (error as NodeJS.ErrnoException).code === "EEXIST" ? unsafeArchive(entry.name) : error;
    }
  }
  if (!lstatSync(fsPath(root), { throwIfNoEntry: false })) throw emptyArchive();
  return [...folders.values()];
}

/** @throws OneoffError for a name that is not plainly below something. */
function partsOf(name: string): string[] {
  const parts = name.replace(/\/+$/, "").split("/");
  if (name.includes("\0") || parts.some((part) => part === "" || part === "..")) throw unsafeArchive(name);
  return parts;
}

/**
 * Whether a symlink cannot lead out of the tree. It may go up at its beginning only: further on there may be another link
 * in its way.
 * @param depth how many folders of the tree it is in, below its root.
 */
function staysInside(target: string, depth: number): boolean {
  const parts = target.split("/").filter((part) => part !== ".");
  const up = parts.findIndex((part) => part !== "..");
  const ups = up < 0 ? parts.length : up;
  return (
    target !== "" && !target.startsWith("/") && !target.includes("\0") && ups <= depth && !parts.includes("..", ups)
  );
}

async function writeFile(path: string, entry: Unpacked, mode: number, onWritten: (bytes: number) => void) {
  const file = openSync(fsPath(path), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, PRIVATE_FILE);
  try {
    await entry.pass((piece) => {
      for (let at = 0; at < piece.length; ) at += writeSync(file, piece, at);
      onWritten(piece.length);
    });
    fchmodSync(file, mode);
    futimesSync(file, entry.mtime, entry.mtime);
  } finally {
    closeSync(file);
  }
}
