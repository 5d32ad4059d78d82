import { didYouMean } from "../app/did-you-mean.ts";
import { maskCommand } from "../app/secrets/mask.ts";
import { noValue, unknownOption, unwantedValue } from "../errors/cli.ts";
import type { CommandShape } from "./shapes.ts";

export interface ReadOption {
  /** Each in the form `--name=value` or `--name`: letters without values may stand together. */
  readonly options: readonly string[];
  /** How many arguments were read. */
  readonly length: number;
}

type Options = CommandShape["options"];

/**
 * Reads the option at an index of the command line.
 * @param command its name for errors; empty before a command is named.
 * @throws OneoffError for an unknown option, a missing value, or a value of a boolean option.
 */
export function readOption(argv: readonly string[], at: number, shape: Options, command: string): ReadOption {
  return argv[at]?.startsWith("--") ? readLong(argv, at, shape, command) : readShort(argv, at, shape, command);
}

/** @returns what was typed with another argument at an index, with secrets masked. */
export const lineWith = (argv: readonly string[], at: number, argument = ""): string =>
  maskCommand(["oneoff", ...argv.with(at, argument)]);

function readLong(argv: readonly string[], at: number, shape: Options, command: string): ReadOption {
  const [argument = "", next] = argv.slice(at);
  const equals = argument.indexOf("=");
  const name = argument.slice(2, equals < 0 ? undefined : equals);
  const option = Object.hasOwn(shape, name) ? shape[name] : undefined;
  if (!option) {
    const near = didYouMean(name, Object.keys(shape));
    const line = near && lineWith(argv, at, `--${near}${argument.replace(/^[^=]*/, "")}`);
    throw unknownOption(`--${name}`, near && `--${near}`, command, line);
  }
  if (option.type === "boolean") {
    if (equals >= 0) throw unwantedValue(`--${name}`, command);
    return { options: [argument], length: 1 };
  }
  if (equals >= 0) return { options: [argument], length: 1 };
  if (option.optional) {
    const isValue = next !== undefined && Array.isArray(option.completion) && option.completion.includes(next);
    return isValue ? { options: [`${argument}=${next}`], length: 2 } : { options: [`${argument}=`], length: 1 };
  }
  if (next === undefined) throw noValue(argument, command);
  return { options: [`${argument}=${next}`], length: 2 };
}

/** `-e A=1`, `-eA=1`, `-e=A=1`, and letters without values together: `-dq`. */
function readShort(argv: readonly string[], at: number, shape: Options, command: string): ReadOption {
  const [argument = "", next] = argv.slice(at);
  const options: string[] = [];
  for (let index = 1; index < argument.length; index += 1) {
    const letter = argument[index] ?? "";
    const [name, option] = Object.entries(shape).find(([, { alias }]) => alias === letter) ?? [];
    if (!name || !option) throw unknownOption(`-${letter}`, undefined, command);
    const rest = argument.slice(index + 1);
    if (option.type === "boolean") {
      if (rest.startsWith("=")) throw unwantedValue(`-${letter}`, command);
      options.push(`--${name}`);
      continue;
    }
    const value = rest === "" ? next : rest.replace(/^=/, "");
    if (value === undefined) throw noValue(`-${letter}`, command);
    return { options: [...options, `--${name}=${value}`], length: rest === "" ? 2 : 1 };
  }
  return { options, length: 1 };
}
