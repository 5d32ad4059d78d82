import { optionsOf, splitArgv } from "../argv.ts";
import type { CommandShape, Completion } from "../shapes.ts";

/** The kind of argument at the cursor, and the facts of earlier arguments. */
export interface Expected {
  /** The prefix of the typed word before the value: `--pull=`. */
  readonly prefix: string;
  readonly completion:
    | Completion
    | "command of oneoff"
    | { readonly optionsOf: string | undefined; readonly given: Given };
  /** The app in earlier arguments. */
  readonly app: string | undefined;
  /** The topic in earlier arguments. */
  readonly topic: string | undefined;
  /** The values of earlier options. */
  readonly host: string | undefined;
  readonly context: string | undefined;
  readonly config: string | undefined;
}

/** The values of options by name; empty for options without a value. */
type Given = ReadonlyMap<string, string>;

/** A placeholder for the cursor that cannot be typed. */
const HERE = "\0";

/**
 * @param before the words before the typed word, without `oneoff`. @param current the typed part of the word.
 * @returns undefined without suggestions, e.g. after an invalid argument.
 */
export function expectedAt(
  before: readonly string[],
  current: string,
  commands: ReadonlyMap<string, CommandShape>,
): Expected | undefined {
  const [mark, known] = [current.startsWith("-") ? `--${HERE}` : HERE, withMark(commands)];
  const { command, options, args } = splitArgv([...before, mark], known);
  const given = new Map(options.map(partsOf));
  const { completions: all = [], most = Infinity } = commands.get(command ?? "") ?? {};
  const at = args.indexOf(mark);
  const facts = {
    prefix: "",
    app: given.get("app") ?? (at > 0 && (all[0] === "app" || all[at] === "type") ? args[0] : undefined),
    topic: at > 0 && all[0] === "topic" ? args[0] : undefined,
    host: given.get("host"),
    context: given.get("context"),
    config: given.get("config"),
  };
  if (command === HERE) return { ...facts, completion: "command of oneoff" };
  const [option, value] = partsOf(options.at(-1) ?? "");
  const shapes = optionsOf(commands, command);
  if (value === mark) return expecting(shapes[option]?.completion, facts);
  if (option === HERE) {
    const [, typed = "", valued] = /^--([^=]+)(=)?/.exec(current) ?? [];
    if (valued) return expecting(shapes[typed]?.completion, { ...facts, prefix: `--${typed}=` });
    return { ...facts, completion: { optionsOf: command, given } };
  }
  const completions = all[0] === "app" && (given.has("app") || given.has("global")) ? all.slice(1) : all;
  return expecting(at < most ? (completions[at] ?? completions.at(-1)) : undefined, facts);
}

const expecting = (completion: Completion | undefined, facts: Omit<Expected, "completion">) =>
  completion && { ...facts, completion };

/** The commands, plus a command and an option for the placeholder at the cursor. */
const withMark = (commands: ReadonlyMap<string, CommandShape>): ReadonlyMap<string, CommandShape> => {
  const here = { [HERE]: { type: "boolean", describe: "" } } as const;
  const marked = Array.from(
    commands,
    ([name, shape]) => [name, { ...shape, options: { ...shape.options, ...here } }] as const,
  );
  return new Map([...marked, [HERE, { options: here }]]);
};

/** The name in `--name=value` or `--name`. */
function partsOf(option: string): [name: string, value: string] {
  const [, name = "", value = ""] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(option) ?? [];
  return [name, value];
}

/** A suggestion. A word that ends in `=` or `:` is continued without a space. */
export interface Suggestion {
  readonly value: string;
  /** A short description. */
  readonly what?: string | undefined;
}
