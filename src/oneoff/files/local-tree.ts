import { accessSync, constants, lstatSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { noLocalFile, unreadable } from "../../errors/files.ts";
import { fsPath, readNames } from "../../streams/path-bytes.ts";

/** The attributes of a local file at the time of the scan. */
export interface LocalFile {
  readonly path: string;
  /** The path relative to the root; empty for the root. */
  readonly name: string;
  readonly kind: "file" | "directory" | "symlink";
  /** Zero unless the kind is file. */
  readonly size: number;
  readonly mode: number;
  /** Unix time in seconds. */
  readonly mtime: number;
  /** The target of a symlink. */
  readonly linkTarget?: string;
}

export interface LocalTree {
  /** Folders precede their content. */
  readonly files: readonly LocalFile[];
  /** Sockets, devices and the like. */
  readonly skipped: readonly string[];
}

/**
 * Scans a file or a folder. Only a symlink at the root is followed.
 * @param displayName the path as typed.
 * @throws OneoffError for a missing or unreadable file
 */
export function readTree(root: string, displayName: string): LocalTree {
  const files: LocalFile[] = [];
  const skipped: string[] = [];
  const slash = /\/\.?$/.test(displayName) ? "/" : "";
  const visit = (name: string): void => {
    const path = name === "" ? root : join(root, name);
    try {
      // A trailing slash makes stat fail unless the root is a folder.
      const stats = name === "" ? statSync(fsPath(`${root}${slash}`)) : lstatSync(fsPath(path));
      const facts = { path, name, size: 0, mode: stats.mode & 0o7777, mtime: Math.floor(stats.mtimeMs / 1000) };
      if (stats.isSymbolicLink()) files.push({ ...facts, kind: "symlink", linkTarget: readLink(path) });
      else if (stats.isFile()) {
        accessSync(fsPath(path), constants.R_OK);
        files.push({ ...facts, kind: "file", size: stats.size });
      } else if (stats.isDirectory()) {
        files.push({ ...facts, kind: "directory" });
        for (const child of readFolder(path).sort()) visit(name === "" ? child : `${name}/${child}`);
      } else if (name === "") throw noLocalFile(displayName);
      else skipped.push(path);
    } catch (error) {
      throw (error as NodeJS.ErrnoException).syscall
        ? unreadable("Cannot read", name === "" ? displayName : path, error)
        : error;
    }
  };
  visit("");
  return { files, skipped };
}

/** @throws NodeJS.ErrnoException */
export const readFolder = (path: string): string[] =>
  readNames((encoding) => readdirSync(fsPath(path), { encoding: encoding as "utf8" }));

/** @throws NodeJS.ErrnoException */
export const readLink = (path: string): string =>
  readNames((encoding) => [readlinkSync(fsPath(path), { encoding: encoding as "utf8" })])[0] ?? "";
