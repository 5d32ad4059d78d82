import { bug, habit, nothingToDo, unexpectedWord } from "../errors/cli.ts";
import { OneoffError } from "../errors/error.ts";
import { versionLine } from "../version.ts";
import { type Invocation, splitArgv } from "./argv.ts";
import type { Arguments, Command } from "./command.ts";
import { commandLine } from "./command-line.ts";
import { COMMANDS, SHAPES } from "./commands.ts";
import { complete } from "./completion/complete.ts";
import type { Context } from "./context.ts";
import { translate } from "./habits/translate.ts";
import { commandHelp, help } from "./help.ts";
import { pagerFor } from "./pager.ts";
import { checkReportOptions, ciService, type ReportOptions } from "./reporting.ts";

/** What a shell's completion asks us by: no command, so that it is nowhere in the help. */
const COMPLETE = "__complete";

/** Runs one invocation. A failure is told, not thrown. @returns the exit code. */
export async function cli(argv: readonly string[], context: Context): Promise<number> {
  if (argv[0] === COMPLETE) {
    await complete(argv.slice(1), context);
    return 0;
  }
  let command: Command | undefined;
  let told: ReportOptions | undefined;
  try {
    const {
      command: name,
      options,
      words,
    } = understand(argv, (named) => {
      command = COMMANDS.get(named);
    });
    if (name === "version" || options.includes("--version")) return print(context, `${versionLine()}\n`);
    if (name === "help" || options.includes("--help") || argv.length === 0) {
      const columns = context.terminal.size()?.columns;
      const text = await (command ? commandHelp(command, columns) : help(words, columns));
      const pager = options.includes("--no-pager") ? undefined : pagerFor(text, context.terminal, context.env);
      return pager !== undefined && (await context.page(pager, text)) ? 0 : print(context, text);
    }
    if (!command) throw nothingToDo();
    const args = Object.assign(read(command, options), ciDefault(command, options, context));
    told = args;
    checkReportOptions(told, name ?? "");
    return await command.handle(args, words, context);
  } catch (thrown) {
    const error = thrown instanceof OneoffError ? thrown : bug(thrown);
    command ??= meant(argv);
    const { runsCommand, endsAsCommand, options } = command ?? {};
    const exitCode = error.exit ?? (runsCommand || endsAsCommand ? 125 : error.kind === "usage" ? 2 : 1);
    // Where the options cannot be read, a failure may still be for a program.
    told ??= {
      json: options?.json !== undefined && argv.includes("--json"),
      ...(command && ciDefault(command, argv, context)),
    };
    context.report(told)({ type: "failed", code: error.code, message: error.message, next: error.next, exitCode });
    return exitCode;
  }
}

/** In a job of a CI service its log is written to, unless somebody says otherwise. */
function ciDefault({ options }: Command, given: readonly string[], context: Context): { readonly ci?: string } {
  if (!options.ci || given.some((option) => /^--(json|ci=)/.test(option))) return {};
  return { ci: ciService(context) };
}

/** @param onCommand told of the command as soon as it is known, for what goes wrong after it. */
function understand(argv: readonly string[], onCommand: (name: string) => void): Invocation {
  try {
    const invocation = splitArgv(argv, SHAPES, onCommand);
    checkNumber(invocation);
    return invocation;
  } catch (error) {
    const meant = translate(argv, SHAPES);
    if (!meant) throw error;
    onCommand(meant.command);
    if (meant.why !== undefined) throw habit(meant.why, commandLine(meant, SHAPES.get(meant.command)));
    checkNumber(meant);
    return meant;
  }
}

function checkNumber({ command = "", words, options }: Invocation): void {
  const most = COMMANDS.get(command)?.most ?? words.length;
  if (words.length > most && !options.includes("--help")) throw unexpectedWord(words[most] ?? "", command);
}

/** The command that was meant by words that went wrong before it. */
const meant = (argv: readonly string[]) => COMMANDS.get(argv.find((word) => !/^-+[^-]/.test(word)) ?? "");

function print({ terminal }: Context, text: string): number {
  terminal.stdout.write(text);
  return 0;
}

/** Every option comes as `--name=value` or `--name`: nothing is guessed, and nothing is made of a value. */
function read({ options }: Command, given: readonly string[]): Arguments<Command["options"]> {
  const args: Record<string, unknown> = { given };
  for (const option of given) {
    const [, name = "", value] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(option) ?? [];
    // Where an option cannot come again, what was given last counts.
    args[name] = options[name]?.many ? [...((args[name] as string[]) ?? []), value] : (value ?? true);
  }
  return args as Arguments<Command["options"]>;
}
