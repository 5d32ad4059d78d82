import { didYouMean } from "../app/did-you-mean.ts";
import { maskCommand } from "../app/secrets/mask.ts";
import { misplacedOption, unexpectedWord, unknownCommand } from "../errors/cli.ts";
import { OneoffError } from "../errors/error.ts";
import { lineWith, readOption } from "./read-option.ts";
import type { CommandShape } from "./shapes.ts";

export interface Invocation {
  readonly command: string | undefined;
  /** Every option in the form `--name=value` or `--name`. */
  readonly options: readonly string[];
  /** All other arguments: from the app on where the command has one. */
  readonly args: readonly string[];
}

/**
 * Separates the options of oneoff from the arguments. Options may come before the command and after it. If the command
 * runs another one, options end at the app, at the first argument if `--app` names the app, or at `--`.
 * @param onCommand called as soon as the command is known, for errors after it.
 * @throws OneoffError for an unknown option or command, with the most similar known one.
 */
export function splitArgv(
  argv: readonly string[],
  commands: ReadonlyMap<string, CommandShape>,
  onCommand: (name: string) => void = () => {},
): Invocation {
  const options: string[] = [];
  const args: string[] = [];
  let command: string | undefined;
  let at = 0;
  while (at < argv.length) {
    const arg = argv[at] ?? "";
    if (arg === "--") {
      at += 1;
      break;
    }
    if (isOption(arg)) {
      const read = readOption(argv, at, optionsOf(commands, command), command ?? "");
      options.push(...read.options);
      at += read.length;
      continue;
    }
    if (command === undefined) {
      if (!commands.has(arg)) throw noSuchCommand(argv, at, commands);
      command = arg;
      onCommand(command);
    } else if (commands.get(command)?.runsCommand) {
      checkOrder(argv, at, options, optionsOf(commands, command));
      break;
    } else args.push(arg);
    at += 1;
  }
  return { command, options, args: [...args, ...argv.slice(at)] };
}

/** @throws OneoffError for an argument that the command does not have. */
export function checkNumber({ command = "", args, options }: Invocation, shape: CommandShape | undefined): void {
  const { most = args.length } = shape ?? {};
  if (args.length > most && !options.includes("--help")) throw unexpectedWord(args[most] ?? "", command);
}

/** Before the command is known, an option may be any command's; where two differ, the first command's applies. */
export function optionsOf(
  commands: ReadonlyMap<string, CommandShape>,
  command: string | undefined,
): CommandShape["options"] {
  const known = command === undefined ? undefined : commands.get(command);
  return known?.options ?? Object.assign({}, ...Array.from(commands.values(), ({ options }) => options).reverse());
}

const isOption = (arg: string) => arg.startsWith("-") && arg !== "-" && arg !== "--";

function noSuchCommand(argv: readonly string[], at: number, commands: ReadonlyMap<string, CommandShape>): OneoffError {
  const [arg = "", next = ""] = argv.slice(at);
  const near = didYouMean(arg, commands.keys());
  // `oneoff my-app run`: the command follows its first argument.
  if (!near && commands.has(next))
    return unknownCommand(arg, next, lineWith(argv.toSpliced(at, 2, next, arg), at, next));
  return unknownCommand(arg, near, lineWith(argv, at, near));
}

/** The first argument is the command's own: the app is named by option, or the arguments are for an entrypoint. */
const NAMES_COMMAND = /^--(?:app=|entrypoint=.)/;

/**
 * `oneoff run my-app -e A=1 env`: options after the app would become the command.
 * @param at the index of the app.
 * @throws OneoffError with the line in which the options come first. `--help` is passed to the command.
 */
function checkOrder(
  argv: readonly string[],
  at: number,
  options: readonly string[],
  shape: CommandShape["options"],
): void {
  if (options.some((option) => NAMES_COMMAND.test(option))) return;
  let end = at + 1;
  while (isOption(argv[end] ?? "")) {
    const read = tryReadOption(argv, end, shape);
    if (!read || read.options.includes("--help")) break;
    end += read.length;
  }
  if (end === at + 1) return;
  const [app = "", ...misplaced] = argv.slice(at, end);
  const line = [...argv.slice(0, at), ...misplaced, app, ...argv.slice(end)];
  throw misplacedOption(misplaced[0] ?? "", maskCommand(["oneoff", ...line]));
}

/** @returns undefined if it is not a complete option of oneoff. */
function tryReadOption(argv: readonly string[], at: number, shape: CommandShape["options"]) {
  try {
    return readOption(argv, at, shape, "");
  } catch (error) {
    if (error instanceof OneoffError) return undefined;
    throw error;
  }
}
