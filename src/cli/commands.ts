import type { CommandShape } from "./argv.ts";
import type { Context } from "./context.ts";
import { run } from "./run.ts";
import { type RunArguments, runOptions } from "./run-options.ts";

/** One command of oneoff. */
export interface Command extends CommandShape {
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
export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
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

/** Where no command is named. */
export const GLOBAL = {
  version: { type: "boolean", alias: "V", describe: "Show the version" },
  help: { type: "boolean", alias: "h", describe: "Show this" },
} as const;

/** Every word that may stand in a command's place. */
export const SHAPES: ReadonlyMap<string, CommandShape> = new Map<string, CommandShape>([
  ...COMMANDS,
  ["help", { options: GLOBAL }],
  ["version", { options: GLOBAL }],
]);
