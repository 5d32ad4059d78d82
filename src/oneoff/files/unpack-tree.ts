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

/** Attributes to set after the content of a folder is written. */
export interface FolderAttributes {
  /** The path relative to the root; empty for the root. */
  readonly name: string;
  readonly mode: number;
  /** Unix time in seconds. */
  readonly mtime: number;
}

/** Incomplete files are readable by their owner only. */
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
/** Excludes setuid, setgid and the sticky bit. */
const PERMISSION_BITS = 0o777;

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/**
 * Writes the only tree of an archive to `root`, which must not exist. The archive is not trusted: files are never
 * written outside `root`, links outside `root` are skipped, and existing files are never opened. Only files, folders
 * and links
 * are written.
 * @returns the folders, outer before inner, whose attributes the caller has to set.
 * @throws OneoffError for an archive that an engine would not create
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
      const isInTree = first === top && folders.has(rest.slice(0, -1).join("/"));
      const existing = isInTree ? lstatSync(fsPath(target), { throwIfNoEntry: false }) : undefined;
      if (existing?.isFile()) linkSync(fsPath(target), fsPath(path));
      // The target is relative to the folder of the link, so it has to be checked again.
      else if (existing?.isSymbolicLink()) symlink(entry.name, readLink(target));
      else skip(entry.name, "link to a file outside the fetched files");
    } else skip(entry.name, "not a file, directory or link");
  };

  for await (const entry of archive) {
    const parts = partsOf(entry.name);
    top ??= parts[0];
    const name = parts.slice(1).join("/");
    // Parent folders must come from this archive, so that no link is followed.
    const hasParent = name === "" || folders.has(parts.slice(1, -1).join("/"));
    if (parts[0] !== top || !hasParent) throw unsafeArchive(entry.name);
    try {
      await unpackEntry(entry, parts);
    } catch (error) {
      // The archive of an engine contains each name once.
      throw (error as NodeJS.ErrnoException).code === "EEXIST" ? unsafeArchive(entry.name) : error;
    }
  }
  if (!lstatSync(fsPath(root), { throwIfNoEntry: false })) throw emptyArchive();
  return [...folders.values()];
}

/** @throws OneoffError for a name with empty or `..` parts */
function partsOf(name: string): string[] {
  const parts = name.replace(/\/+$/, "").split("/");
  if (name.includes("\0") || parts.some((part) => part === "" || part === "..")) throw unsafeArchive(name);
  return parts;
}

/**
 * Whether a symlink stays in the tree. `..` is only accepted at the start of the target, because later it may follow
 * another link.
 * @param depth the number of folders between the root and the link.
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
    await entry.pass((chunk) => {
      for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
      onWritten(chunk.length);
    });
    fchmodSync(file, mode);
    futimesSync(file, entry.mtime, entry.mtime);
  } finally {
    closeSync(file);
  }
}
