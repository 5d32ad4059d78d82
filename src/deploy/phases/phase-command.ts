import { posix } from "node:path";
import { maskCommand } from "../../app/secrets/mask.ts";
import { splitWords } from "../../app/words.ts";
import { phaseNeedsShell, phaseWithoutWords } from "../../errors/deploy.ts";
import type { StepName } from "../plan.ts";

/** A step of a deploy that is one command, run as a one-off. */
export type Phase = Exclude<StepName, "build" | "schedule">;

/** Entrypoints that run what they are given and are none of an app's: commands go through them as if they were not there. */
const INIT_ENTRYPOINTS: ReadonlySet<string> = new Set(
  ["/tini", "/bin/tini", "/usr/bin/tini", "/usr/local/bin/tini"].map((init) => JSON.stringify([init, "--"])),
);

/**
 * A line fails with its first command that fails, with that one's own code; a pipe with any of its commands where the
 * shell can do that, which not every one can: a sh may end when it is asked, so one of its own is asked.
 */
const SHELL_SCRIPT =
  'if (set -o pipefail) 2>/dev/null; then exec "$0" -eo pipefail -c "$1"; else exec "$0" -ec "$1"; fi';

/** As for a one-off: bash where the image has it, else sh. */
const BASH_OR_SH_SCRIPT = `if command -v bash >/dev/null 2>&1; then exec bash -eo pipefail -c "$1"; fi; ${SHELL_SCRIPT}`;

/**
 * The words that a container is given for a phase's command line. An entrypoint gets those of the line, without a shell;
 * without one, or with nothing but tini for it, the line runs under a shell.
 * @param entrypoint what the container will have: that of the image, unless oneoff.yaml has another.
 * @param shell the one that oneoff.yaml names.
 * @throws OneoffError for a line that only a shell can carry out, and an entrypoint that looks at no words.
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
  // After another word, as they will be: what is a shell's own at the beginning of a line is nothing special here.
  const words = splitWords(`entrypoint ${line}`);
  if (words === undefined) throw phaseNeedsShell(phase, maskCommand([line]), entrypoint.join(" "));
  return words.slice(1);
}

/** One empty word is how the engine is told that there is to be none. */
const isEmptyEntrypoint = (entrypoint: readonly string[] | null | undefined): entrypoint is null | undefined =>
  !entrypoint || entrypoint.length === 0 || (entrypoint.length === 1 && entrypoint[0] === "");

/** As a Dockerfile makes it of a line without brackets: a shell with a command of its own, which ignores all words after it. */
function ignoresArgs([program = "", option, line = "", ...more]: readonly string[]): boolean {
  const isShell = /^(?:ba|da|a|k|z)?sh$/.test(posix.basename(program)) && /^-[a-z]*c$/.test(option ?? "");
  return isShell && more.length === 0 && !/\$\{?[@*\d]/.test(line);
}
