import { maskCommand } from "../app/mask.ts";
import { nearest } from "../app/nearest.ts";
import { noValue, unknownCommand, unknownOption, unwantedValue } from "../errors/cli.ts";
import type { Takes } from "./takes.ts";

/** An option: enough to tell its value from the word after it, and to explain it. */
export interface OptionShape {
  /** A string takes the next word as its value. */
  readonly type: "string" | "boolean";
  /** A string that may do without its value, and takes it as `=VALUE`; one that it `takes` also as the next word. */
  readonly optional?: boolean;
  /** May be given several times, and all of them count. */
  readonly many?: boolean;
  readonly alias?: string;
  readonly takes?: Takes;
  /** Stands for the value in help: `NAME[=VALUE]`. */
  readonly placeholder?: string;
  readonly describe: string;
  /** The heading it is listed under in help. */
  readonly group?: string;
}

/** As help writes it after the name of an option: ` FILE`, `[=WHEN]`, or nothing. */
export const placeholderOf = ({ placeholder, optional }: Pick<OptionShape, "placeholder" | "optional">): string =>
  placeholder === undefined ? "" : optional ? `[=${placeholder}]` : ` ${placeholder}`;

export interface CommandShape {
  readonly options: Readonly<Record<string, OptionShape>>;
  /** Its words are another command's, options included, from the app on; and so is its exit code. */
  readonly runsCommand?: boolean;
  /** Its exit code is that of a command that was run before. */
  readonly endsAsCommand?: boolean;
  /** What its words are, one by one; the last counts for all that follow. */
  readonly takes?: readonly Takes[];
  /** How many words it takes at most; undefined for any number. */
  readonly most?: number;
}

export interface Invocation {
  readonly command: string | undefined;
  /** Every option in the form `--name=value` or `--name`, so that whoever reads them next has nothing to guess. */
  readonly options: readonly string[];
  /** What is not an option: the user's words, from the app on where the command has one. */
  readonly words: readonly string[];
}

/**
 * Tells our options from the user's words. Options may come before the command and after it. Where another command is
 * run they end at the app, at the first word when `--app` has named it, or at `--`: what follows is not looked at.
 * @param onCommand told of the command as soon as it is known, for what goes wrong after it.
 * @throws OneoffError for an option or command that there is not, with the nearest one that there is.
 */
export function splitArgv(
  argv: readonly string[],
  commands: ReadonlyMap<string, CommandShape>,
  onCommand: (name: string) => void = () => {},
): Invocation {
  const options: string[] = [];
  const words: string[] = [];
  let name: string | undefined;
  let at = 0;
  while (at < argv.length) {
    const word = argv[at] ?? "";
    const shape = optionsOf(commands, name);
    if (word === "--" || word === "-" || !word.startsWith("-")) {
      if (name === undefined && word !== "--") {
        if (!commands.has(word)) {
          const near = nearest(word, commands.keys());
          const next = argv[at + 1] ?? "";
          // The command stands behind what it is about.
          if (!near && commands.has(next))
            throw unknownCommand(word, next, typed(argv.toSpliced(at, 2, next, word), at, next));
          throw unknownCommand(word, near, typed(argv, at, near));
        }
        name = word;
        onCommand(name);
        at += 1;
        continue;
      }
      if (word === "--") at += 1;
      if (word === "--" || commands.get(name ?? "")?.runsCommand) break;
      words.push(word);
      at += 1;
      continue;
    }
    const mended = (near: string) => typed(argv, at, near + word.replace(/^[^=]*/, ""));
    const found = readOption(word, argv[at + 1], shape, name ?? "", mended);
    options.push(...found.options);
    at += found.taken;
  }
  return { command: name, options, words: [...words, ...argv.slice(at)] };
}

/** Before the command is known, an option may be any command's; where two differ, it is the first one's. */
export function optionsOf(
  commands: ReadonlyMap<string, CommandShape>,
  name: string | undefined,
): CommandShape["options"] {
  const known = name === undefined ? undefined : commands.get(name);
  return known?.options ?? Object.assign({}, ...Array.from(commands.values(), ({ options }) => options).reverse());
}

/** What was typed, with one word in the place of another. */
const typed = (argv: readonly string[], at: number, near = "") => maskCommand(["oneoff", ...argv.with(at, near)]);

/** @param mended the line with another option in the place of this. */
function readOption(
  word: string,
  next: string | undefined,
  shape: CommandShape["options"],
  command: string,
  mended: (near: string) => string,
) {
  return word.startsWith("--") ? readLong(word, next, shape, command, mended) : readShort(word, next, shape, command);
}

function readLong(
  word: string,
  next: string | undefined,
  shape: CommandShape["options"],
  command: string,
  mended: (near: string) => string,
) {
  const equals = word.indexOf("=");
  const name = word.slice(2, equals < 0 ? undefined : equals);
  const option = Object.hasOwn(shape, name) ? shape[name] : undefined;
  if (!option) {
    const found = near(name, shape);
    throw unknownOption(`--${name}`, found, command, found && mended(found));
  }
  if (option.type === "boolean") {
    if (equals >= 0) throw unwantedValue(`--${name}`, command);
    return { options: [word], taken: 1 };
  }
  if (equals >= 0) return { options: [word], taken: 1 };
  if (option.optional) {
    const isValue = next !== undefined && Array.isArray(option.takes) && option.takes.includes(next);
    return isValue ? { options: [`${word}=${next}`], taken: 2 } : { options: [`${word}=`], taken: 1 };
  }
  if (next === undefined) throw noValue(word, command);
  return { options: [`${word}=${next}`], taken: 2 };
}

/** `-e A=1`, `-eA=1`, `-e=A=1`, and letters without values together: `-dq`. */
function readShort(word: string, next: string | undefined, shape: CommandShape["options"], command: string) {
  const options: string[] = [];
  for (let at = 1; at < word.length; at += 1) {
    const letter = word[at] ?? "";
    const [name, option] = Object.entries(shape).find(([, { alias }]) => alias === letter) ?? [];
    if (!name || !option) throw unknownOption(`-${letter}`, undefined, command);
    const rest = word.slice(at + 1);
    if (option.type === "boolean") {
      if (rest.startsWith("=")) throw unwantedValue(`-${letter}`, command);
      options.push(`--${name}`);
      continue;
    }
    const value = rest === "" ? next : rest.replace(/^=/, "");
    if (value === undefined) throw noValue(`-${letter}`, command);
    return { options: [...options, `--${name}=${value}`], taken: rest === "" ? 2 : 1 };
  }
  return { options, taken: 1 };
}

const near = (name: string, shape: CommandShape["options"]) => {
  const found = nearest(name, Object.keys(shape));
  return found && `--${found}`;
};
