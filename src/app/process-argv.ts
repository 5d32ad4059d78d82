import { bare, splitWords } from "./words.ts";

/** First words that cannot stand behind `exec`: the shell itself carries them out. */
const NO_PROGRAM = new Set(
  ". : ! [[ alias break builtin case cd command continue eval exec exit export for function if local readonly return set shift source time times trap ulimit umask unset until wait while".split(
    " ",
  ),
);

/**
 * The argv of a process that runs on: what takes a shell to say is one program where it can be, for a shell in front of
 * it would not pass on the signal that asks it to end.
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
    // A redirection alone is none either.
    !/^[<>\d]/.test(first) &&
    // As in `2>&1`, an ampersand is part of a redirection.
    !at.some((i) => ";&|(){}\n".includes(command[i] ?? "") && !/^[<>]&$/.test(command.slice(i - 1, i + 1)))
  );
}
