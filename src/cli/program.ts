import { didYouMean } from "../app/did-you-mean.ts";
import type { Aliases } from "../app/manifest/manifest-aliases.ts";
import { bug, isUnknownCommand, nothingToDo, unexpectedWord, unknownCommand, useOtherCommand } from "../errors/cli.ts";
import { OneoffError } from "../errors/error.ts";
import { versionLine } from "../version.ts";
import { translate } from "./aliases/translate.ts";
import { aliasesNear, configOf, expandAlias, findAliases, type UnknownCommand } from "./aliases/user-aliases.ts";
import { type Invocation, splitArgv } from "./argv.ts";
import type { Command, Flags } from "./command.ts";
import { commandLine } from "./command-line.ts";
import { COMMANDS, SHAPES } from "./commands.ts";
import { complete } from "./completion/complete.ts";
import type { Context } from "./context.ts";
import { commandHelp, help } from "./help.ts";
import { pagerFor } from "./pager.ts";
import { lineWith } from "./read-option.ts";
import { checkReportOptions, ciService, type ReportOptions } from "./reporting.ts";

/** Called by the completion scripts. It is not in the list of commands, so help does not show it. */
const COMPLETE = "__complete";

/** Runs one invocation, and prints its error. @returns the exit code. */
export async function cli(argv: readonly string[], context: Context): Promise<number> {
  if (argv[0] === COMPLETE) {
    await complete(argv.slice(1), context);
    return 0;
  }
  let command: Command | undefined;
  let reporting: ReportOptions | undefined;
  try {
    const {
      command: name,
      options,
      args,
    } = understand(argv, context, (named) => {
      command = COMMANDS.get(named);
    });
    if (name === "version" || options.includes("--version")) return print(context, `${versionLine()}\n`);
    if (name === "help" || options.includes("--help") || argv.length === 0) {
      const columns = context.terminal.size()?.columns;
      const text = await (command
        ? commandHelp(command, columns)
        : help(args, columns, readAliases(context, configOf(options))));
      const pager = options.includes("--no-pager") ? undefined : pagerFor(text, context.terminal, context.env);
      return pager !== undefined && (await context.page(pager, text)) ? 0 : print(context, text);
    }
    if (!command) throw nothingToDo();
    const flags = Object.assign(read(command, options), ciDefault(command, options, context));
    reporting = flags;
    checkReportOptions(reporting, name ?? "");
    return await command.handle(flags, args, context);
  } catch (thrown) {
    const error = thrown instanceof OneoffError ? thrown : bug(thrown);
    command ??= firstCommand(argv);
    const { runsCommand, endsAsCommand, options } = command ?? {};
    const exitCode = error.exit ?? (runsCommand || endsAsCommand ? 125 : error.kind === "usage" ? 2 : 1);
    // If the options are invalid, --json and CI settings still apply to the error.
    reporting ??= {
      json: options?.json !== undefined && argv.includes("--json"),
      ...(command && ciDefault(command, argv, context)),
    };
    context.report(reporting)({ type: "failed", code: error.code, message: error.message, next: error.next, exitCode });
    return exitCode;
  }
}

/** In a job of a CI service, its log format is the default. */
function ciDefault({ options }: Command, given: readonly string[], context: Context): { readonly ci?: string } {
  if (!options.ci || given.some((option) => /^--(json|ci=)/.test(option))) return {};
  return { ci: ciService(context) };
}

/** @param onCommand called as soon as the command is known, for errors after it. */
function understand(argv: readonly string[], context: Context, onCommand: (name: string) => void): Invocation {
  try {
    const invocation = splitArgv(argv, SHAPES, onCommand);
    checkNumber(invocation);
    return invocation;
  } catch (error) {
    const unknown = isUnknownCommand(error) ? findAliases(argv, context) : undefined;
    const expanded = expandAlias(argv, unknown);
    // The line begins with a command of oneoff, so that it is not expanded again.
    if (expanded) return understand(expanded, context, onCommand);
    const translation = translate(argv, SHAPES);
    if (!translation) throw unknown ? explainUnknown(argv, unknown, error) : error;
    onCommand(translation.command);
    if (translation.why !== undefined)
      throw useOtherCommand(translation.why, commandLine(translation, SHAPES.get(translation.command)));
    checkNumber(translation);
    return translation;
  }
}

/** An alias may be meant: of a oneoff.yaml that cannot be read, or one with a similar name. */
function explainUnknown(argv: readonly string[], { word, aliases, failure }: UnknownCommand, error: unknown): unknown {
  const near = didYouMean(word, [...SHAPES.keys(), ...aliases.keys()]);
  if (near === undefined) return failure ?? error;
  return aliases.has(near) ? unknownCommand(word, near, lineWith(argv, argv.indexOf(word), near)) : error;
}

/** Help is printed also if oneoff.yaml is invalid. */
function readAliases(context: Context, config: string | undefined): Aliases {
  try {
    return aliasesNear(context, config);
  } catch {
    return new Map();
  }
}

function checkNumber({ command = "", args, options }: Invocation): void {
  const most = COMMANDS.get(command)?.most ?? args.length;
  if (args.length > most && !options.includes("--help")) throw unexpectedWord(args[most] ?? "", command);
}

/** @returns the command of an invalid command line. */
const firstCommand = (argv: readonly string[]) => COMMANDS.get(argv.find((word) => !/^-+[^-]/.test(word)) ?? "");

function print({ terminal }: Context, text: string): number {
  terminal.stdout.write(text);
  return 0;
}

/** @param given every option in the form `--name=value` or `--name`. Values are not converted. */
function read({ options }: Command, given: readonly string[]): Flags<Command["options"]> {
  const flags: Record<string, unknown> = { given };
  for (const option of given) {
    const [, name = "", value] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(option) ?? [];
    // The last value takes precedence if an option cannot be repeated.
    flags[name] = options[name]?.many ? [...((flags[name] as string[]) ?? []), value] : (value ?? true);
  }
  return flags as Flags<Command["options"]>;
}
