import yargs from "yargs";
import type { Command } from "./command.ts";
import { exitCodeRows, exitCodesOf } from "./exit-code-help.ts";
import { placeholderOf } from "./shapes.ts";
import { parseLightText } from "./topics/light-text.ts";
import { terminalText } from "./topics/terminal-text.ts";

/** Wider lines of text are hard to read. */
export const MAX_TEXT_WIDTH = 100;

/** Commands look the same on every terminal that is wide enough. */
export const MAX_COMMAND_WIDTH = 80;

/** The text of `--help` after a command. */
export async function commandHelp(command: Command, columns = MAX_TEXT_WIDTH): Promise<string> {
  const text = await commandText(command, columns);
  return command.topic ? `${text}\n${render(`See also: oneoff help ${command.topic}`, columns)}` : text;
}

/** The text of `--help` without a reference to a topic. */
export async function commandText(command: Command, columns: number): Promise<string> {
  const width = Math.min(columns, MAX_COMMAND_WIDTH);
  const rest = `\
${command.runsCommand ? "Options come before the app; everything after it is the command.\n" : ""}
# Examples:
${command.examples.map(([line, what]) => `${line} :: ${what}`).join("\n")}

# Exit codes:
${exitCodeRows(exitCodesOf(command))}
`;
  return `${usageText(command.usage)}\n\n${command.describe}.\n\n${await optionsText(command, width)}\n\n${render(rest, width)}`;
}

/** yargs has no placeholders, but prints the name of an option as it is. */
function optionsText({ options }: Command, width: number): Promise<string> {
  const text = yargs([]).locale("en").help(false).version(false).exitProcess(false).wrap(width);
  for (const [name, { alias, describe, group = "Options:", ...shape }] of Object.entries(options))
    text.option(`${name}${placeholderOf(shape)}`, { describe, group, ...(alias && { alias }) });
  return text.getHelp();
}

export const usageText = (usage: string) => `Usage: ${usage.replaceAll("\n", `\n${" ".repeat("Usage: ".length)}`)}`;

export const render = (text: string, columns: number): string =>
  terminalText(parseLightText(text), Math.min(columns, MAX_TEXT_WIDTH));
