import { needsTerminal, noCommand, noCommandSpecified, stdinIsDirectory } from "../../errors/session.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import type { RunOptions } from "../spec/options.ts";

/** The state of the terminal that decides about TTY and stdin. */
export type TerminalState = Pick<Terminal, "input" | "outputIsTerminal"> & { size: ReturnType<Terminal["size"]> };

/**
 * Decides whether the command gets a TTY and stdin.
 * @param typed the command line up to the command: `run my-app`.
 * @throws OneoffError if terminal and arguments do not fit. Reads only the arguments, no file and no engine.
 */
export function chooseStdio(
  typed: string,
  { args, detach, tty: requested, entrypoint }: Pick<RunOptions, "args" | "detach" | "tty" | "entrypoint">,
  terminal: TerminalState,
) {
  const { input, outputIsTerminal } = terminal;
  if (!detach && input === "directory") throw stdinIsDirectory();
  const tty = requested ?? (!detach && input === "terminal" && outputIsTerminal);
  if (tty && !detach && ["pipe", "stream"].includes(input)) throw needsTerminal();
  const stdin = !detach && (tty ? input === "terminal" : input !== "empty");
  // As with docker, an --entrypoint replaces both ENTRYPOINT and CMD of the image.
  if (args.length === 0 && entrypoint && !isProgram(entrypoint)) throw noCommandSpecified(typed);
  if (args.length === 0 && !isProgram(entrypoint) && !(tty && (stdin || detach))) throw noCommand(typed);
  return { tty, stdin };
}

/** Whether a requested ENTRYPOINT can run without a command. One empty word means no ENTRYPOINT. */
export const isProgram = (entrypoint: RunOptions["entrypoint"]): boolean =>
  entrypoint?.some((word) => word !== "") ?? false;
