import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** Where a file is kept elsewhere, and only linked to, it stays so. */
export function behindLinks(file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return file;
    throw error;
  }
}

/**
 * Writes a file that only its owner may read. Whoever reads it finds the old one or the new one whole, whenever we are
 * killed. Of several writers only one may be at it.
 */
export function replaceFile(file: string, text: string): void {
  const fresh = `${file}.new`;
  try {
    const fd = openSync(fresh, "w", 0o600);
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
