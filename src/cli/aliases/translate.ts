import { isMisplacedOption } from "../../errors/cli.ts";
import { OneoffError } from "../../errors/error.ts";
import { oneoffName } from "../../identity/names.ts";
import { type Invocation, splitArgv } from "../argv.ts";
import type { CommandShape } from "../shapes.ts";
import { COMMAND_ALIASES, type CommandAlias } from "./command-aliases.ts";
import { type OptionAlias, optionAliases } from "./option-aliases.ts";

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
 * @param shapes of the commands of oneoff.
 * @returns undefined for a command line that is not known either.
 */
export function translate(argv: readonly string[], shapes: Shapes): Translation | undefined {
  const [tool = "", ...rest] = argv;
  if (TOOLS.has(tool)) {
    const translation = translate(rest, shapes);
    return translation && { ...translation, why: translation.why ?? `Leave out "${tool}" after "oneoff"` };
  }
  const invocation = split(joined(argv, shapes), shapes);
  if (invocation?.command === undefined) return undefined;
  const alias: CommandAlias = COMMAND_ALIASES.get(invocation.command) ?? { means: invocation.command };
  let command = meaningOf(alias, invocation.args);
  const values = { first: [] as string[], last: [] as string[] };
  const options = [...(alias.options?.(invocation.args) ?? [])];
  let { why } = alias;
  const dockerOnly: string[] = [];
  const aliases = optionAliases(command, shapes.get(command)?.options ?? {});
  for (const option of invocation.options) {
    const [, name = "", value] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(option) ?? [];
    const optionAlias = aliases[name];
    if (!optionAlias) {
      options.push(option);
      continue;
    }
    why ??= optionAlias.why;
    if (optionAlias.dockerOnly) dockerOnly.push(`--${name}`);
    command = optionAlias.command ?? command;
    if (optionAlias.argument) values[optionAlias.argument].push(value ?? "");
    else if (optionAlias.means)
      options.push(translateOption(optionAlias.means, optionAlias, value, shapes.get(command)));
  }
  if (dockerOnly.length > 0) {
    options.push("--print=docker");
    why ??= useDocker([...new Set(dockerOnly)]);
  }
  const isKnown = options.every((option) => nameOf(option) in (shapes.get(command)?.options ?? {}));
  if (!shapes.has(command) || !isKnown) return undefined;
  const hasApp = options.some((option) => nameOf(option) === "app");
  return { command, options, args: translateArgs(invocation.args, values, alias, { command, hasApp }), why };
}

const useDocker = (names: readonly string[]) =>
  `${names.join(", ")}: add ${names.length === 1 ? "it" : "them"} to the docker command that this prints`;

const meaningOf = ({ means }: CommandAlias, args: readonly string[]) =>
  typeof means === "string" ? means : means(args);

const nameOf = (option: string) => option.slice(2).replace(/=[\s\S]*$/, "");

/** `--tail` follows the log, and `--tail=100` is a number of lines. */
function translateOption(
  means: string,
  { value: convert = (value) => value }: OptionAlias,
  value: string | undefined,
  shape?: CommandShape,
) {
  if (means === "follow" && value) return `--num=${value}`;
  return shape?.options[means]?.type === "boolean" ? `--${means}` : `--${means}=${convert(value ?? "")}`;
}

/** @param values of options that become arguments: `exec --app my-app run.7364` is `exec my-app.run.7364`. */
function translateArgs(
  typed: readonly string[],
  { first, last }: { readonly first: readonly string[]; readonly last: readonly string[] },
  alias: CommandAlias,
  { command, hasApp }: { readonly command: string; readonly hasApp: boolean },
): readonly string[] {
  const args = alias.args?.(typed, hasApp) ?? typed;
  const [app] = first;
  const oneoff = oneoffName(args[0] ?? "");
  if (command === "exec" && app && oneoff) return [`${app}.${oneoff}`, ...args.slice(1), ...last];
  // `--type worker` names the command only if no command follows.
  const isRun = command === "run" || command === "run:detached";
  return [...first, ...args, ...(isRun && args.length > (hasApp ? 0 : 1) ? [] : last)];
}

/** Joins two arguments that are a command with a colon between them: `ps scale`. */
function joined(argv: readonly string[], shapes: Shapes): readonly string[] {
  const at = argv.findIndex((arg) => !arg.startsWith("-"));
  const both = `${argv[at]}:${argv[at + 1]}`;
  if (shapes.has(argv[at] ?? "") || !(shapes.has(both) || COMMAND_ALIASES.has(both))) return argv;
  return [...argv.slice(0, at), both, ...argv.slice(at + 2)];
}

/** Splits a command line that may have aliases of commands and options. */
function split(argv: readonly string[], shapes: Shapes): Invocation | undefined {
  const extended = new Map<string, CommandShape>();
  for (const [name, shape] of shapes) extended.set(name, withAliases(name, shape));
  for (const [name, alias] of COMMAND_ALIASES) {
    const command = meaningOf(alias, []);
    const shape = shapes.get(command);
    if (shape && !extended.has(name)) extended.set(name, withAliases(command, shape));
  }
  try {
    return splitArgv(argv, extended);
  } catch (error) {
    if (error instanceof OneoffError && !isMisplacedOption(error)) return undefined;
    throw error;
  }
}

function withAliases(command: string, shape: CommandShape): CommandShape {
  const aliases = optionAliases(command, shape.options);
  // First, so that their letters take precedence; last, so that their names do.
  return { ...shape, options: { ...aliases, ...shape.options, ...aliases } as CommandShape["options"] };
}
