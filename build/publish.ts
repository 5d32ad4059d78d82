import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const dist = new URL("../dist", import.meta.url).pathname;

/** Puts a finished binary into dist/, with its checksum in the format of `sha256sum`. */
export function publish(file: string, name: string): void {
  mkdirSync(dist, { recursive: true });
  // Aside first: a binary that is running cannot be written to, but it can be replaced.
  copyFileSync(file, `${dist}/.${name}`);
  renameSync(`${dist}/.${name}`, `${dist}/${name}`);
  const sum = createHash("sha256").update(readFileSync(file)).digest("hex");
  writeFileSync(`${dist}/${name}.sha256`, `${sum}  ${name}\n`);
}
