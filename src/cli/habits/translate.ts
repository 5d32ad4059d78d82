import { OneoffError } from "../../errors/error.ts";
import { oneoffName } from "../../oneoff/names.ts";
import { type Invocation, splitArgv } from "../argv.ts";
import type { CommandShape } from "../shapes.ts";
import { COMMAND_HABITS, type CommandHabit } from "./command-habits.ts";
import { habitsOf, type OptionHabit, type OptionHabits } from "./option-habits.ts";

export interface Translation extends Invocation {
  readonly command: string;
  /** Why the line is not run, but printed for the user to type; undefined if it is run. */
  readonly why: string | undefined;
}

type Shapes = ReadonlyMap<string, CommandShape>;

/** Names of tools that people type before a command. */
const TOOLS: ReadonlySet<string> = new Set(["heroku", "dokku", "scalingo", "docker", "podman", "kamal", "fly"]);

/**
 * Translates a command line of another tool that is not valid here.
 * @returns undefined for a command line that is not known either.
 */
export function translate(argv: readonly string[], ours: Shapes): Translation | undefined {
  const [tool = "", ...rest] = argv;
  if (TOOLS.has(tool)) {
    const meant = translate(rest, ours);
    return meant && { ...meant, why: meant.why ?? `Leave out "${tool}" after "oneoff"` };
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

/** `--tail` follows the log, and `--tail=100` is a number of lines. */
function inOurs(
  means: string,
  { value = (given) => given }: OptionHabit,
  given: string | undefined,
  shape?: CommandShape,
) {
  if (means === "follow" && given) return `--num=${given}`;
  return shape?.options[means]?.type === "boolean" ? `--${means}` : `--${means}=${value(given ?? "")}`;
}

/** `exec --app my-app run.7364` becomes `exec my-app.run.7364`. */
function placed(
  said: readonly string[],
  { first, last }: { readonly first: readonly string[]; readonly last: readonly string[] },
  habit: CommandHabit,
  { command, hasApp }: { readonly command: string; readonly hasApp: boolean },
): readonly string[] {
  const words = habit.words?.(said, hasApp) ?? said;
  const [app] = first;
  const oneoff = oneoffName(words[0] ?? "");
  if (command === "exec" && app && oneoff) return [`${app}.${oneoff}`, ...words.slice(1), ...last];
  // `--type worker` names the command only if no command follows.
  const isRun = command === "run" || command === "run:detached";
  return [...first, ...words, ...(isRun && words.length > (hasApp ? 0 : 1) ? [] : last)];
}

/** Joins two arguments that are a command with a colon between them: `ps scale`. */
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
    // First, so that their letters take precedence; last, so that their names do.
    return { ...shape, options: { ...habits, ...shape.options, ...habits } as CommandShape["options"] };
  };
  for (const [name, shape] of ours) shapes.set(name, withHabits(name, shape));
  for (const [name, { means }] of COMMAND_HABITS) {
    const meant = typeof means === "string" ? means : means([]);
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
