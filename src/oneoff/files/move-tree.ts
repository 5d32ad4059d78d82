import { closeSync, lstatSync, mkdirSync, openSync, renameSync } from "node:fs";
import { join } from "node:path";
import { targetExists, targetOtherKind } from "../../errors/files.ts";
import { fsPath } from "../../streams/path-bytes.ts";
import { readFolder } from "./local-tree.ts";

/**
 * Moves a tree to its target. Existing folders are merged file by file, after all conflicts have been checked.
 * Files are replaced with `force` only; a file never replaces a folder, nor a folder a file.
 * @returns the paths of the existing folders.
 * @throws OneoffError
 */
export function moveTree(from: string, to: string, force: boolean): Set<string> {
  const existingFolders = new Set<string>();
  const moves: (readonly [from: string, to: string, isDirectory: boolean, replaces: boolean])[] = [];
  const visit = (source: string, target: string) => {
    const isDirectory = lstatSync(fsPath(source)).isDirectory();
    const existing = lstatSync(fsPath(target), { throwIfNoEntry: false });
    if (existing && isDirectory && existing.isDirectory()) {
      existingFolders.add(target);
      for (const name of readFolder(source).sort()) visit(join(source, name), join(target, name));
      return;
    }
    if (existing && (isDirectory || existing.isDirectory())) throw targetOtherKind(target, isDirectory);
    if (existing && !force) throw targetExists(target);
    moves.push([source, target, isDirectory, existing !== undefined]);
  };
  visit(from, to);
  for (const [source, target, isDirectory, replaces] of moves) {
    if (!replaces) reserve(target, isDirectory);
    renameSync(fsPath(source), fsPath(target));
  }
  return existingFolders;
}

/** Rename would replace a file that was created since the check, so the target is created exclusively first. */
function reserve(target: string, isDirectory: boolean): void {
  try {
    if (isDirectory) mkdirSync(fsPath(target));
    else closeSync(openSync(fsPath(target), "wx"));
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EEXIST" ? targetExists(target) : error;
  }
}
