import type { Command } from "./command.ts";
import { exitCodeRows, exitCodesOf } from "./exit-code-help.ts";
import { MAX_COMMAND_WIDTH, optionsText } from "./options-help.ts";
import { parseLightText } from "./topics/light-text.ts";
import { terminalText } from "./topics/terminal-text.ts";

/** Wider lines of text are hard to read. */
export const MAX_TEXT_WIDTH = 100;

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

export const usageText = (usage: string) => `Usage: ${usage.replaceAll("\n", `\n${" ".repeat("Usage: ".length)}`)}`;

export const render = (text: string, columns: number): string =>
  terminalText(parseLightText(text), Math.min(columns, MAX_TEXT_WIDTH));
