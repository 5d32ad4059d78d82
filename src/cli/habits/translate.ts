import { maskCommand } from "../../app/mask.ts";
import { OneoffError } from "../../errors/error.ts";
import { oneoffName } from "../../oneoff/names.ts";
import { type CommandShape, type Invocation, splitArgv } from "../argv.ts";
import type { Command } from "../command.ts";
import { COMMAND_HABITS, type CommandHabit } from "./command-habits.ts";
import { habitsOf, type OptionHabit, type OptionHabits } from "./option-habits.ts";

export interface Translation extends Invocation {
  readonly command: string;
  /** Why it is not simply done; undefined when it can be. */
  readonly why: string | undefined;
}

type Shapes = ReadonlyMap<string, CommandShape>;

/** Whose name somebody may leave in front of their commands. */
const TOOLS: ReadonlySet<string> = new Set(["heroku", "dokku", "scalingo", "docker", "podman", "kamal", "fly"]);

/**
 * What is meant by words that are another tool's. It is asked only when they are none of ours.
 * @returns undefined when nothing is known of them either.
 */
export function translate(argv: readonly string[], ours: Shapes): Translation | undefined {
  const [tool = "", ...rest] = argv;
  if (TOOLS.has(tool)) {
    const meant = translate(rest, ours);
    return meant && { ...meant, why: meant.why ?? `The command comes right after "oneoff", without "${tool}"` };
  }
  const said = split(joined(argv, ours), ours);
  if (said?.command === undefined) return undefined;
  const habit: CommandHabit = COMMAND_HABITS.get(said.command) ?? { means: said.command };
  let command = typeof habit.means === "string" ? habit.means : habit.means(said.words);
  const words = { first: [] as string[], last: [] as string[] };
  const options = [...(habit.options?.(said.words) ?? [])];
  let { why } = habit;
  const habits = habitsOf(command, ours.get(command)?.options ?? {});
  for (const option of said.options) {
    const [, name = "", value] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(option) ?? [];
    const meant = habits[name];
    if (!meant) {
      options.push(option);
      continue;
    }
    why ??= meant.why;
    command = meant.command ?? command;
    if (meant.word) words[meant.word].push(value ?? "");
    else if (meant.means) options.push(inOurs(meant.means, meant, value, ours.get(command)));
  }
  const isKnown = options.every((option) => nameOf(option) in (ours.get(command)?.options ?? {}));
  if (!ours.has(command) || !isKnown) return undefined;
  const hasApp = options.some((option) => nameOf(option) === "app");
  return { command, options, words: placed(said.words, words, habit, { command, hasApp }), why };
}

const nameOf = (option: string) => option.slice(2).replace(/=[\s\S]*$/, "");

/** `--tail` goes on with what comes, and `--tail=100` is a number of lines. */
function inOurs(
  means: string,
  { value = (given) => given }: OptionHabit,
  given: string | undefined,
  shape?: CommandShape,
) {
  if (means === "follow" && given) return `--num=${given}`;
  return shape?.options[means]?.type === "boolean" ? `--${means}` : `--${means}=${value(given ?? "")}`;
}

/** A one-off that is named with its app goes by both, as its container does. */
function placed(
  said: readonly string[],
  { first, last }: { readonly first: readonly string[]; readonly last: readonly string[] },
  habit: CommandHabit,
  { command, hasApp }: { readonly command: string; readonly hasApp: boolean },
): readonly string[] {
  const words = habit.words?.(said) ?? said;
  const [app] = first;
  const oneoff = oneoffName(words[0] ?? "");
  if (command === "exec" && app && oneoff) return [`${app}.${oneoff}`, ...words.slice(1), ...last];
  // A process type is the command where there is no other.
  const isRun = command === "run" || command === "run:detached";
  return [...first, ...words, ...(isRun && words.length > (hasApp ? 0 : 1) ? [] : last)];
}

/** Two words that are one of ours, or of theirs, with a colon between them. */
function joined(argv: readonly string[], ours: Shapes): readonly string[] {
  const at = argv.findIndex((word) => !word.startsWith("-"));
  const both = `${argv[at]}:${argv[at + 1]}`;
  if (ours.has(argv[at] ?? "") || !(ours.has(both) || COMMAND_HABITS.has(both))) return argv;
  return [...argv.slice(0, at), both, ...argv.slice(at + 2)];
}

function split(argv: readonly string[], ours: Shapes): Invocation | undefined {
  const shapes = new Map<string, CommandShape>();
  const withHabits = (name: string, shape: CommandShape): CommandShape => {
    const habits: OptionHabits = habitsOf(name, shape.options);
    // Before ours, so that a letter of theirs is found first, and in place of ours that has the same name.
    return { ...shape, options: { ...habits, ...shape.options, ...habits } as CommandShape["options"] };
  };
  for (const [name, shape] of ours) shapes.set(name, withHabits(name, shape));
  for (const [name, { means }] of COMMAND_HABITS) {
    const meant = typeof means === "string" ? means : "stop";
    const shape = ours.get(meant);
    if (shape && !shapes.has(name)) shapes.set(name, withHabits(meant, shape));
  }
  try {
    return splitArgv(argv, shapes);
  } catch (error) {
    if (error instanceof OneoffError) return undefined;
    throw error;
  }
}

/** The line to type for it: the app first where it may be, and with what looks like a secret masked. */
export function lineOf({ command, options, words }: Invocation, shape: Partial<Command> | undefined): string {
  const app =
    shape?.usage && /\[options\] [<[]app[>\]]/.test(shape.usage)
      ? options.findLast((option) => option.startsWith("--app="))
      : undefined;
  const shown = options
    .filter((option) => app === undefined || !option.startsWith("--app="))
    .flatMap((option) => {
      const [, name = "", value] = /^(--[^=]+)(?:=([\s\S]*))?$/.exec(option) ?? [];
      if (value === undefined) return [name];
      if (shape?.options?.[name.slice(2)]?.optional) return [value === "" ? name : option];
      return value.startsWith("-") ? [option] : [name, value];
    });
  return maskCommand([
    "oneoff",
    ...(command ? [command] : []),
    ...shown,
    ...(app ? [app.slice("--app=".length)] : []),
    ...words,
  ]);
}
