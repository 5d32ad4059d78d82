import { posix } from "node:path";
import { maskCommand } from "../../app/secrets/mask.ts";
import { splitWords } from "../../app/shell-words.ts";
import { phaseNeedsShell, phaseWithoutWords } from "../../errors/deploy.ts";
import type { Phase } from "../step-names.ts";

/** Entrypoints that only run their arguments: a shell can run through them. */
const INIT_ENTRYPOINTS: ReadonlySet<string> = new Set(
  ["/tini", "/bin/tini", "/usr/bin/tini", "/usr/local/bin/tini"].map((init) => JSON.stringify([init, "--"])),
);

/**
 * A line fails at its first failing command with that exit code; a pipe fails if any of its commands fails. Some
 * versions of sh do not know pipefail and exit, so it is tried in a subshell.
 */
const SHELL_SCRIPT =
  'if (set -o pipefail) 2>/dev/null; then exec "$0" -eo pipefail -c "$1"; else exec "$0" -ec "$1"; fi';

/** bash if the image has it, else sh; the same as for one-offs. */
const BASH_OR_SH_SCRIPT = `if command -v bash >/dev/null 2>&1; then exec bash -eo pipefail -c "$1"; fi; ${SHELL_SCRIPT}`;

/**
 * The arguments of a container for the command line of a phase. An entrypoint receives the arguments of the line
 * without a shell. Without an entrypoint, or with tini only, the line runs in a shell.
 * @param entrypoint of oneoff.yaml, else of the image.
 * @param shell from oneoff.yaml.
 * @throws OneoffError for an entrypoint with a line that needs a shell, and for an entrypoint that ignores arguments.
 */
export function phaseCommand(
  { phase, line }: { readonly phase: Phase; readonly line: string },
  entrypoint: readonly string[] | null | undefined,
  shell?: string,
): string[] {
  if (isEmptyEntrypoint(entrypoint) || INIT_ENTRYPOINTS.has(JSON.stringify(entrypoint))) {
    return shell === undefined ? ["sh", "-c", BASH_OR_SH_SCRIPT, "sh", line] : [shell, "-c", SHELL_SCRIPT, shell, line];
  }
  if (ignoresArgs(entrypoint)) throw phaseWithoutWords(phase, entrypoint.join(" "));
  // Split after another word, because a keyword of the shell has no meaning as an argument.
  const args = splitWords(`entrypoint ${line}`);
  if (args === undefined) throw phaseNeedsShell(phase, maskCommand([line]), entrypoint.join(" "));
  return args.slice(1);
}

/** One empty string removes the entrypoint of the image. */
const isEmptyEntrypoint = (entrypoint: readonly string[] | null | undefined): entrypoint is null | undefined =>
  !entrypoint || entrypoint.length === 0 || (entrypoint.length === 1 && entrypoint[0] === "");

/** The shell form in a Dockerfile: a shell with a fixed command, which ignores arguments. */
function ignoresArgs([program = "", option, line = "", ...more]: readonly string[]): boolean {
  const isShell = /^(?:ba|da|a|k|z)?sh$/.test(posix.basename(program)) && /^-[a-z]*c$/.test(option ?? "");
  return isShell && more.length === 0 && !/\$\{?[@*\d]/.test(line);
}
