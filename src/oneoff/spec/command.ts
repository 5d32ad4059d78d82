import type { App } from "../../app/app.ts";
import { launch, launchProcess } from "../../app/buildpacks.ts";
import { quoteWord } from "../../app/quote.ts";
import { needsShell, procfileArgv } from "../../app/shell-words.ts";

export interface Command {
  readonly argv: readonly string[];
  /** The arguments as typed, or the line of the process type. */
  readonly display: readonly string[];
  readonly processType?: string;
  /** Absent for the image's own. */
  readonly entrypoint?: readonly string[];
}

/** An interactive shell: bash if the image has it. */
const SHELL = ["sh", "-c", "if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi"];

/**
 * Resolves the user's arguments: a process type and further arguments; one argument with shell syntax for `sh -c`;
 * otherwise the arguments as they are, without a shell. Without arguments, an interactive shell. In images of buildpacks,
 * the launcher starts the command.
 */
export function resolveCommand(app: Pick<App, "procfile" | "settings" | "launcher">, args: readonly string[]): Command {
  const { procfile, launcher } = app;
  const [first, ...rest] = args;
  const recorded = first === undefined ? undefined : launcher?.processes.get(first);
  if (first !== undefined && recorded !== undefined && (procfile.get(first) ?? recorded) === recorded) {
    return { ...launchProcess(first, rest), display: displayProcess(recorded, rest), processType: first };
  }
  const command = resolvePlain(app, args);
  return launcher ? { ...command, ...launch(launcher, command.argv) } : command;
}

function resolvePlain({ procfile, settings }: Pick<App, "procfile" | "settings">, args: readonly string[]): Command {
  const [first, ...rest] = args;
  if (first === undefined) {
    return settings.shell === undefined
      ? { argv: SHELL, display: ["bash"] }
      : { argv: [settings.shell], display: [settings.shell] };
  }
  const shell = settings.shell ?? "sh";
  const command = procfile.get(first);
  if (command !== undefined) {
    return { argv: procfileArgv(command, rest, shell), display: displayProcess(command, rest), processType: first };
  }
  return { argv: rest.length === 0 && needsShell(first) ? [shell, "-c", first] : args, display: args };
}

const displayProcess = (command: string, rest: readonly string[]) => [[command, ...rest.map(quoteWord)].join(" ")];
