import type { CommandShape } from "./argv.ts";
import type { Command } from "./command.ts";
import { runCommand, runDetachedCommand } from "./run.ts";

/** In the order of the help. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["run", runCommand],
  ["run:detached", runDetachedCommand],
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
