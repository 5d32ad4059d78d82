import { needsTerminal, noCommand, noCommandSpecified, stdinIsDirectory } from "../../errors/session.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import type { RunOptions } from "../spec/options.ts";

/** What the terminal has to say about a one-off. */
export type TerminalFacts = Pick<Terminal, "input" | "outputIsTerminal"> & { size: ReturnType<Terminal["size"]> };

/**
 * Whether the command gets a terminal, and our stdin.
 * @throws OneoffError when that, or the arguments, cannot be meant: it needs nothing but what was typed.
 * @param typed what may stand before a command: `run my-app`.
 */
export function terminalUse(
  typed: string,
  { args, detach, tty: wanted, entrypoint }: Pick<RunOptions, "args" | "detach" | "tty" | "entrypoint">,
  terminal: TerminalFacts,
) {
  const { input, outputIsTerminal } = terminal;
  if (!detach && input === "directory") throw stdinIsDirectory();
  const tty = wanted ?? (!detach && input === "terminal" && outputIsTerminal);
  if (tty && !detach && ["pipe", "stream"].includes(input)) throw needsTerminal();
  const stdin = !detach && (tty ? input === "terminal" : input !== "empty");
  // Without the image's ENTRYPOINT there is no CMD of the image's either, as with docker.
  if (args.length === 0 && entrypoint && !isProgram(entrypoint)) throw noCommandSpecified(typed);
  if (args.length === 0 && !isProgram(entrypoint) && !(tty && (stdin || detach))) throw noCommand(typed);
  return { tty, stdin };
}

/** Whether an ENTRYPOINT that was asked for can be run without a command: one empty word stands for none. */
export const isProgram = (entrypoint: RunOptions["entrypoint"]): boolean =>
  entrypoint?.some((word) => word !== "") ?? false;
