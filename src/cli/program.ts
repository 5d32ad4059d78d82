import { bug, nothingToDo } from "../errors/cli.ts";
import { OneoffError } from "../errors/error.ts";
import { versionLine } from "../version.ts";
import { checkNumber, type Invocation, splitArgv } from "./argv.ts";
import type { Command, Flags } from "./command.ts";
import { loadCommand, WITHOUT_COMMAND } from "./commands.ts";
import type { Context } from "./context.ts";
import { checkReportOptions, ciService, type ReportOptions } from "./reporting.ts";

/** Called by the completion scripts. It is not in the list of commands, so help does not show it. */
const COMPLETE = "__complete";

/** Runs one invocation, and prints its error. @returns the exit code. */
export async function cli(argv: readonly string[], context: Context): Promise<number> {
  if (argv[0] === COMPLETE) {
    const { complete } = await import("./completion/complete.ts");
    await complete(argv.slice(1), context);
    return 0;
  }
  let typed: string | undefined;
  let reporting: ReportOptions | undefined;
  try {
    const invocation = await understand(argv, context, (name) => {
      typed = name;
    });
    const { command: name, options, args } = invocation;
    const command = await loadCommand(name);
    if (name === "version" || options.includes("--version")) return print(context, `${versionLine()}\n`);
    if (name === "help" || options.includes("--help") || argv.length === 0) {
      const { showHelp } = await import("./show-help.ts");
      return print(context, await showHelp(command, invocation, context));
    }
    if (!command) throw nothingToDo();
    const flags = Object.assign(read(command, options), ciDefault(command, options, context));
    reporting = flags;
    checkReportOptions(reporting, name ?? "");
    return await command.handle(flags, args, context);
  } catch (thrown) {
    const error = thrown instanceof OneoffError ? thrown : bug(thrown);
    const command = await loadCommand(typed ?? firstWord(argv));
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

/**
 * The command that is typed first is all that most lines need; any other line is read with all commands.
 * @param onCommand called as soon as the command is known, for errors after it.
 */
async function understand(
  argv: readonly string[],
  context: Context,
  onCommand: (name: string) => void,
): Promise<Invocation> {
  const [first = ""] = argv;
  const command = await loadCommand(first);
  try {
    const invocation = splitArgv(argv, command ? new Map([[first, command]]) : WITHOUT_COMMAND, onCommand);
    checkNumber(invocation, command);
    return invocation;
  } catch {
    const { interpret } = await import("./interpret.ts");
    return await interpret(argv, context, onCommand);
  }
}

/** The command of an invalid command line, if it is one. */
const firstWord = (argv: readonly string[]) => argv.find((word) => !/^-+[^-]/.test(word));

function print({ terminal }: Context, text: string | undefined): number {
  if (text !== undefined) terminal.stdout.write(text);
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
