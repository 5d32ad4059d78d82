import { bare, splitWords } from "./shell-words.ts";

/** Words that cannot follow `exec`, because the shell runs them itself. */
const NO_PROGRAM = new Set(
  ". : ! [[ alias break builtin case cd command continue eval exec exit export for function if local readonly return set shift source time times trap ulimit umask unset until wait while".split(
    " ",
  ),
);

/**
 * The argv of a deployed process. A command with shell syntax runs with `exec` if it is one program, because a shell
 * would not forward SIGTERM.
 */
export function processArgv(command: string, shell = "sh"): string[] {
  const words = splitWords(command);
  if (words !== undefined) return words;
  return [shell, "-c", isOneProgram(command) ? `exec ${command.trimStart()}` : command];
}

function isOneProgram(command: string): boolean {
  const [first = ""] = command.trimStart().split(/\s/, 1);
  const { at, open } = bare(command);
  return (
    !open &&
    !NO_PROGRAM.has(first) &&
    !/^[A-Za-z_]\w*=/.test(first) &&
    // A redirection without a command is no program.
    !/^[<>\d]/.test(first) &&
    // The ampersand of `2>&1` is part of a redirection.
    !at.some((i) => ";&|(){}\n".includes(command[i] ?? "") && !/^[<>]&$/.test(command.slice(i - 1, i + 1)))
  );
}
