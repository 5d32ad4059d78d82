import { closeSync, lstatSync, mkdirSync, openSync, renameSync } from "node:fs";
import { join } from "node:path";
import { targetExists, targetOtherKind } from "../../errors/files.ts";
import { fsPath } from "../../streams/path-bytes.ts";
import { readFolder } from "./local-tree.ts";

/**
 * Brings a tree from where it was written to where it belongs. Into folders that are there it goes file by file, after all
 * of it has been looked at; never over a file without `force`, and never a file over a folder or the other way round.
 * @returns the folders that were there already, as paths.
 * @throws OneoffError
 */
export function moveTree(from: string, to: string, force: boolean): Set<string> {
  const kept = new Set<string>();
  const moves: (readonly [from: string, to: string, isDirectory: boolean, replaces: boolean])[] = [];
  const look = (source: string, target: string) => {
    const isDirectory = lstatSync(fsPath(source)).isDirectory();
    const there = lstatSync(fsPath(target), { throwIfNoEntry: false });
    if (there && isDirectory && there.isDirectory()) {
      kept.add(target);
      for (const name of readFolder(source).sort()) look(join(source, name), join(target, name));
      return;
    }
    if (there && (isDirectory || there.isDirectory())) throw targetOtherKind(target, isDirectory);
    if (there && !force) throw targetExists(target);
    moves.push([source, target, isDirectory, there !== undefined]);
  };
  look(from, to);
  for (const [source, target, isDirectory, replaces] of moves) {
    if (!replaces) reserve(target, isDirectory);
    renameSync(fsPath(source), fsPath(target));
  }
  return kept;
}

/** A rename takes the place of whatever is there: nothing must have come there since it was looked at. */
function reserve(target: string, isDirectory: boolean): void {
  try {
    if (isDirectory) mkdirSync(fsPath(target));
    else closeSync(openSync(fsPath(target), "wx"));
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EEXIST" ? targetExists(target) : error;
  }
}
