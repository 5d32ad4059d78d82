import type { App } from "../../app/app.ts";
import { launch, launchProcess } from "../../app/buildpacks.ts";
import { quoteWord } from "../../app/quote.ts";
import { needsShell, procfileArgv } from "../../app/words.ts";

export interface Command {
  readonly argv: readonly string[];
  /** What people know it by: the words as they were typed, or the line of the process type. */
  readonly shown: readonly string[];
  /** The process type whose command it is. */
  readonly processType?: string;
  /** Where it is not the image's. */
  readonly entrypoint?: readonly string[];
}

/** A shell at a terminal: bash where the image has it. */
const SHELL = ["sh", "-c", "if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi"];

/**
 * What the user's words run: a process type's command with the further words appended; one word with shell syntax
 * under `sh -c`; otherwise the words as they are, without a shell. No words at all mean a shell to type at.
 * In an image of buildpacks the launcher starts it.
 */
export function resolveCommand(
  app: Pick<App, "procfile" | "settings" | "launcher">,
  words: readonly string[],
): Command {
  const { procfile, launcher } = app;
  const [first, ...rest] = words;
  const recorded = first === undefined ? undefined : launcher?.processes.get(first);
  if (first !== undefined && recorded !== undefined && (procfile.get(first) ?? recorded) === recorded) {
    return { ...launchProcess(first, rest), shown: shownProcess(recorded, rest), processType: first };
  }
  const command = plainCommand(app, words);
  return launcher ? { ...command, ...launch(launcher, command.argv) } : command;
}

function plainCommand({ procfile, settings }: Pick<App, "procfile" | "settings">, words: readonly string[]): Command {
  const [first, ...rest] = words;
  if (first === undefined) {
    return settings.shell === undefined
      ? { argv: SHELL, shown: ["bash"] }
      : { argv: [settings.shell], shown: [settings.shell] };
  }
  const shell = settings.shell ?? "sh";
  const command = procfile.get(first);
  if (command !== undefined) {
    return { argv: procfileArgv(command, rest, shell), shown: shownProcess(command, rest), processType: first };
  }
  return { argv: rest.length === 0 && needsShell(first) ? [shell, "-c", first] : words, shown: words };
}

const shownProcess = (command: string, rest: readonly string[]) => [[command, ...rest.map(quoteWord)].join(" ")];
