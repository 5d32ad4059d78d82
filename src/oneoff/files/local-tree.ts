import { accessSync, constants, lstatSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { noLocalFile, unreadable } from "../../errors/files.ts";
import { fsPath, readNames } from "../../streams/path-bytes.ts";

/** A file of ours as it was when it was looked at. */
export interface LocalFile {
  readonly path: string;
  /** Below the root, with slashes; empty for the root itself. */
  readonly name: string;
  readonly kind: "file" | "directory" | "symlink";
  /** In bytes, of a file. */
  readonly size: number;
  /** The permission bits. */
  readonly mode: number;
  /** In seconds since 1970. */
  readonly mtime: number;
  /** Where a symlink leads. */
  readonly linkTarget?: string;
}

export interface LocalTree {
  /** A folder before what is in it. */
  readonly files: readonly LocalFile[];
  /** Sockets, devices and the like. */
  readonly skipped: readonly string[];
}

/**
 * A file, or a folder with all that is in it. Symlinks are kept, but for `root` itself.
 * @param shown what the user calls `root`.
 * @throws OneoffError when something of it is not there, or cannot be read.
 */
export function readTree(root: string, shown: string): LocalTree {
  const files: LocalFile[] = [];
  const skipped: string[] = [];
  const slash = /\/\.?$/.test(shown) ? "/" : "";
  const look = (name: string): void => {
    const path = name === "" ? root : join(root, name);
    try {
      // With its slash, which the system accepts after a folder only.
      const stats = name === "" ? statSync(fsPath(`${root}${slash}`)) : lstatSync(fsPath(path));
      const facts = { path, name, size: 0, mode: stats.mode & 0o7777, mtime: Math.floor(stats.mtimeMs / 1000) };
      if (stats.isSymbolicLink()) files.push({ ...facts, kind: "symlink", linkTarget: readLink(path) });
      else if (stats.isFile()) {
        accessSync(fsPath(path), constants.R_OK);
        files.push({ ...facts, kind: "file", size: stats.size });
      } else if (stats.isDirectory()) {
        files.push({ ...facts, kind: "directory" });
        for (const one of readFolder(path).sort()) look(name === "" ? one : `${name}/${one}`);
      } else if (name === "") throw noLocalFile(shown);
      else skipped.push(path);
    } catch (error) {
      throw (error as NodeJS.ErrnoException).syscall
        ? unreadable("Cannot read", name === "" ? shown : path, error)
        : error;
    }
  };
  look("");
  return { files, skipped };
}

/** @throws NodeJS.ErrnoException */
export const readFolder = (path: string): string[] =>
  readNames((encoding) => readdirSync(fsPath(path), { encoding: encoding as "utf8" }));

/** Where a symlink leads. @throws NodeJS.ErrnoException */
export const readLink = (path: string): string =>
  readNames((encoding) => [readlinkSync(fsPath(path), { encoding: encoding as "utf8" })])[0] ?? "";
