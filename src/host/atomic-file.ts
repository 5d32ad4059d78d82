import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** Writes through a symlink, so that the link is kept. */
export function behindLinks(file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return file;
    throw error;
  }
}

/**
 * Writes a file, by default one that only its owner can read. Readers always find the complete old or new file, even if oneoff is
 * killed. Writers must be exclusive.
 */
export function replaceFile(file: string, text: string, mode = 0o600): void {
  const fresh = `${file}.new`;
  try {
    const fd = openSync(fresh, "w", mode);
    try {
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}
