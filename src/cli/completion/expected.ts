import { optionsOf, splitArgv } from "../argv.ts";
import type { CommandShape, Completion } from "../shapes.ts";

/** What may stand where somebody is typing, and what of the words before matters for it. */
export interface Expected {
  /** The beginning of the word that is not part of what is expected: `--pull=`. */
  readonly prefix: string;
  readonly completion:
    | Completion
    | "command of ours"
    | { readonly optionsOf: string | undefined; readonly given: Given };
  /** The app that was named before. */
  readonly app: string | undefined;
  /** The topic that was named before. */
  readonly topic: string | undefined;
  /** The values of options that were given. */
  readonly host: string | undefined;
  readonly context: string | undefined;
  readonly config: string | undefined;
}

/** The values of options, by name; empty texts for those without. */
type Given = ReadonlyMap<string, string>;

/** Stands where the cursor is: nobody can type it. */
const HERE = "\0";

/**
 * @param before the words before the one that is being typed, without our own name. @param current as far as it is typed.
 * @returns undefined where nothing can be said, as after a word that is wrong.
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
    app: given.get("app") ?? (at > 0 && all[0] === "app" ? args[0] : undefined),
    topic: at > 0 && all[0] === "topic" ? args[0] : undefined,
    host: given.get("host"),
    context: given.get("context"),
    config: given.get("config"),
  };
  if (command === HERE) return { ...facts, completion: "command of ours" };
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

/** The same commands, and two that are none: a word and an option that are where the cursor is. */
const withMark = (commands: ReadonlyMap<string, CommandShape>): ReadonlyMap<string, CommandShape> => {
  const here = { [HERE]: { type: "boolean", describe: "" } } as const;
  const marked = Array.from(
    commands,
    ([name, shape]) => [name, { ...shape, options: { ...shape.options, ...here } }] as const,
  );
  return new Map([...marked, [HERE, { options: here }]]);
};

/** Of `--name=value`, or `--name`. */
function partsOf(option: string): [name: string, value: string] {
  const [, name = "", value = ""] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(option) ?? [];
  return [name, value];
}

/** One word that may stand where somebody is typing. One that ends in `=` or `:` goes on. */
export interface Suggestion {
  readonly value: string;
  /** What it is, in a few words. */
  readonly what?: string | undefined;
}
