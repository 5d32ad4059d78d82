import yargs from "yargs";
import { nearest } from "../app/nearest.ts";
import { bug, nothingToDo, OneoffError, unknownCommand } from "../errors.ts";
import { humanError } from "../output/human.ts";
import { versionLine } from "../version.ts";
import { type CommandShape, splitArgv } from "./argv.ts";
import type { Context } from "./context.ts";
import { run } from "./run.ts";
import { type RunArguments, runOptions } from "./run-options.ts";

interface Command extends CommandShape {
  readonly usage: string;
  readonly describe: string;
  readonly examples: readonly [line: string, what: string][];
  /** Whether its exit codes are those of a command that it runs: oneoff's own failures are then 125. */
  readonly runsCommand: boolean;
  handle(args: RunArguments, words: readonly string[], context: Context): Promise<number>;
}

const runCommand: Command = {
  options: runOptions,
  runsCommand: true,
  usage: "oneoff run [options] <app> [command…]",
  describe: "Run a command in a fresh container that copies the app, and leave nothing behind",
  examples: [
    ["oneoff run my-app rake db:migrate", "as if it were local: streams, signals, exit code"],
    ["oneoff run -e DEBUG=1 my-app bash", "a shell, where everything is as in production"],
    ["oneoff run --image busybox my-app 'ls -l | wc -l'", "one word with shell syntax runs under sh"],
    ["pg_dump … | oneoff run my-app ./import", "stdin reaches the command, to its end"],
  ],
  handle: run,
};

/** In the order of the help. */
const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["run", runCommand],
  [
    "run:detached",
    {
      ...runCommand,
      usage: "oneoff run:detached [options] <app> [command…]",
      describe: "Start it, print the container's id, and return at once",
      examples: [
        ["oneoff run:detached my-app rake reports:build", "the same as run --detach"],
        ["docker logs -f $(oneoff run:detached my-app ./import)", "follow what it writes"],
      ],
      handle: (args, words, context) => run({ ...args, detach: true }, words, context, "run:detached"),
    },
  ],
]);

const GLOBAL = {
  version: { type: "boolean", alias: "V", describe: "Show the version" },
  help: { type: "boolean", alias: "h", describe: "Show this" },
} as const;

const SHAPES: ReadonlyMap<string, CommandShape> = new Map<string, CommandShape>([
  ...COMMANDS,
  ["help", { options: GLOBAL }],
  ["version", { options: GLOBAL }],
]);

/** Runs one invocation. A failure is told on stderr, not thrown. @returns the exit code. */
export async function cli(argv: readonly string[], context: Context): Promise<number> {
  let command: Command | undefined;
  try {
    const {
      command: name,
      options,
      words,
    } = splitArgv(argv, SHAPES, (named) => {
      command = COMMANDS.get(named);
    });
    if (name === "version" || options.includes("--version")) return print(context, `${versionLine()}\n`);
    if (name === "help" || options.includes("--help") || argv.length === 0) {
      return print(context, await help(name === "help" ? words[0] : name, context));
    }
    if (!command) throw nothingToDo();
    return await command.handle(read(command, options), words, context);
  } catch (thrown) {
    const error = thrown instanceof OneoffError ? thrown : bug(thrown);
    context.terminal.stderr.write(humanError(error));
    return error.exit ?? ((command ?? meant(argv))?.runsCommand ? 125 : error.kind === "usage" ? 2 : 1);
  }
}

/** The command that was meant by words that went wrong before it. */
const meant = (argv: readonly string[]) => COMMANDS.get(argv.find((word) => !/^-+[^-]/.test(word)) ?? "");

function print({ terminal }: Context, text: string): number {
  terminal.stdout.write(text);
  return 0;
}

/** Every option comes as `--name=value` or `--name`: nothing is guessed, and nothing is made of a value. */
function read({ options }: Command, given: readonly string[]): RunArguments {
  const args: Record<string, unknown> = {};
  for (const option of given) {
    const [, name = "", value] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(option) ?? [];
    // Where an option cannot come again, what was given last counts.
    args[name] = options[name]?.many ? [...((args[name] as string[]) ?? []), value] : (value ?? true);
  }
  return args;
}

/** @param topic a command, or nothing for all of them. */
async function help(topic: string | undefined, { terminal }: Context): Promise<string> {
  const command = COMMANDS.get(topic ?? "");
  if (topic !== undefined && !SHAPES.has(topic)) throw unknownCommand(topic, nearest(topic, COMMANDS.keys()));
  const text = yargs([]).scriptName("oneoff").locale("en").help(false).version(false).exitProcess(false);
  text.wrap(Math.min(terminal.size()?.columns ?? 100, 100));
  for (const [name, { many, ...option }] of Object.entries(command?.options ?? GLOBAL)) text.option(name, option);
  if (command) {
    text.usage(`${command.usage}\n\n${command.describe}.`).example(command.examples);
    text.epilogue(
      "Options end at the app: what follows is the command's. Exit codes: the command's own; 124 timed out,\n125 oneoff or the engine failed, 126 not executable, 127 not found, 128+n ended by signal n.",
    );
  } else {
    text.usage(
      "oneoff <command> [options]\n\nOne-off commands for containerised apps, straight on the engine's socket.",
    );
    for (const [name, { describe }] of COMMANDS) text.command(name, describe);
    text.command("help [command]", "Explain a command").command("version", "Show the version");
    text.example(COMMANDS.get("run")?.examples.slice(0, 2) ?? []);
  }
  return `${await text.getHelp()}\n`;
}
