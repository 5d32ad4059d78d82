import type { Command } from "./command.ts";
import { placeholderOf } from "./shapes.ts";

/** Commands look the same on every terminal that is wide enough. */
export const MAX_COMMAND_WIDTH = 80;

/** JSON of texts of that width by the usage of their command. The build prepares it: yargs takes longer than all else of help. */
declare const ONEOFF_OPTIONS: string | undefined;

const PREPARED: Readonly<Record<string, string>> =
  typeof ONEOFF_OPTIONS === "undefined" ? {} : JSON.parse(ONEOFF_OPTIONS);

/** The options of a command, as its help lists them. yargs has no placeholders, but prints the name of an option as it is. */
export async function optionsText({ usage, options }: Command, width: number): Promise<string> {
  const prepared = width === MAX_COMMAND_WIDTH ? PREPARED[usage] : undefined;
  if (prepared !== undefined) return prepared;
  const { default: yargs } = await import("yargs");
  const text = yargs([]).locale("en").help(false).version(false).exitProcess(false).wrap(width);
  for (const [name, { alias, describe, group = "Options:", ...shape }] of Object.entries(options))
    text.option(`${name}${placeholderOf(shape)}`, { describe, group, ...(alias && { alias }) });
  return await text.getHelp();
}
