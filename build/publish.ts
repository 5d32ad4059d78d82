import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const dist = fileURLToPath(new URL("../dist", import.meta.url));

/** Puts a finished binary into dist/, with its checksum in the format of `sha256sum`. */
export function publish(file: string, name: string): void {
  mkdirSync(dist, { recursive: true });
  // Aside first: a binary that is running cannot be written to, but it can be replaced.
  copyFileSync(file, `${dist}/.${name}`);
  renameSync(`${dist}/.${name}`, `${dist}/${name}`);
  const sum = createHash("sha256").update(readFileSync(file)).digest("hex");
  writeFileSync(`${dist}/${name}.sha256`, `${sum}  ${name}\n`);
}

/** Puts a text into dist/, where the binary's checksum file lists it as well: what is not listed is not installed. */
export function publishText(name: string, text: string | Buffer, binary: string): void {
  writeFileSync(`${dist}/${name}`, text);
  appendFileSync(`${dist}/${binary}.sha256`, `${createHash("sha256").update(text).digest("hex")}  ${name}\n`);
}

/** What each shell's completion is called where shells look for one. */
const COMPLETIONS = { bash: "oneoff.bash", zsh: "_oneoff", fish: "oneoff.fish" } as const;

/** Writes the completion scripts of the binary to dist/completions/. */
export function publishCompletions(binary: string, name: string): void {
  mkdirSync(`${dist}/completions`, { recursive: true });
  for (const [shell, file] of Object.entries(COMPLETIONS)) {
    publishText(`completions/${file}`, execFileSync(binary, ["completion", shell]), name);
  }
}
