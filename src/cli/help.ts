import yargs from "yargs";
import { didYouMean } from "../app/did-you-mean.ts";
import type { Aliases } from "../app/manifest/manifest-aliases.ts";
import { maskCommand } from "../app/secrets/mask.ts";
import { unknownCommand } from "../errors/cli.ts";
import { truncate } from "../output/table.ts";
import { COMMAND_ALIASES } from "./aliases/command-aliases.ts";
import type { Command } from "./command.ts";
import { COMMANDS, GROUPS, MORE_COMMANDS, SHAPES } from "./commands.ts";
import { exitCodeRows, exitCodesOf } from "./exit-code-help.ts";
import { placeholderOf } from "./shapes.ts";
import { parseLightText } from "./topics/light-text.ts";
import { terminalText } from "./topics/terminal-text.ts";
import type { Topic } from "./topics/topic.ts";
import { TOPICS } from "./topics/topics.ts";

/** Wider lines of text are hard to read. */
const MAX_TEXT_WIDTH = 100;

/** Commands look the same on every terminal that is wide enough. */
const MAX_COMMAND_WIDTH = 80;

/** oneoff.yaml may have any number of aliases, and help should fit on a screen. */
const MAX_ALIASES = 8;

/** The rest of a row of 80 columns. */
const MAX_ALIAS_WIDTH = 60;

/**
 * @param args a command or a topic, and a part of the topic; none for the overview.
 * @param aliases of oneoff.yaml.
 */
export async function help(
  args: readonly string[],
  columns = MAX_TEXT_WIDTH,
  aliases: Aliases = new Map(),
): Promise<string> {
  const [name = "help", part] = args;
  const topic = TOPICS.get(name);
  const withPart = COMMANDS.get(`${name}:${part}`);
  if (topic && !withPart) return await topicHelp(name, topic, part, columns);
  const line = aliases.get(name);
  if (line) return `oneoff ${name} runs: ${maskCommand(["oneoff", ...line])} …\n`;
  const command = withPart ?? COMMANDS.get(name) ?? COMMANDS.get(meaningOf(name));
  if (command) return await commandHelp(command, columns);
  if (name === "topics") return render(topicList(), columns);
  if (SHAPES.has(name)) return overview(columns, aliases);
  throw unknownOf(name, [...COMMANDS.keys(), ...TOPICS.keys(), ...aliases.keys()], "");
}

/** The text of `--help` after a command. */
export async function commandHelp(command: Command, columns = MAX_TEXT_WIDTH): Promise<string> {
  const text = await commandText(command, columns);
  return command.topic ? `${text}\n${render(`See also: oneoff help ${command.topic}`, columns)}` : text;
}

/** The help of a command comes before a topic of the same name. */
async function topicHelp(name: string, topic: Topic, part: string | undefined, columns: number): Promise<string> {
  const command = COMMANDS.get(name);
  const { text, asIs } = partOf(topic, name, part);
  if (!command) return asIs ? text() : render(text(), columns);
  return `${await commandText(command, columns)}\n${render(`# ${topic.about}:\n${text()}`, columns)}`;
}

/** @returns the command that an alias of another tool stands for. */
function meaningOf(name: string): string {
  const means = COMMAND_ALIASES.get(name)?.means;
  return typeof means === "string" ? means : "";
}

function partOf(topic: Topic, name: string, part: string | undefined): Topic {
  if (part === undefined) return topic;
  const found = topic.parts?.get(part);
  if (!found) throw unknownOf(part, [...(topic.parts?.keys() ?? [])], `${name} `);
  return found;
}

function unknownOf(name: string, known: readonly string[], before: string) {
  const near = didYouMean(name, known);
  return unknownCommand(name, near, `oneoff help ${before}${near}`);
}

const render = (text: string, columns: number) => terminalText(parseLightText(text), Math.min(columns, MAX_TEXT_WIDTH));

/** All commands and topics, on one screen of 80 columns and 50 lines without aliases of oneoff.yaml. */
function overview(columns: number, aliases: Aliases): string {
  const longest = Math.max(...[...GROUPS.values()].flat().map(([name]) => name.length));
  const row = ([name, { describe }]: readonly [string, Command]) => `${name.padEnd(longest)} :: ${describe}`;
  // `help config-schema` is for programs.
  const topics = Array.from(TOPICS).flatMap(([name, { asIs }]) => (asIs ? [] : name));
  const rest = `\
Run one-off commands and deploy containerised apps on a Docker Engine

${Array.from(GROUPS, ([title, commands]) => `# ${title}\n${commands.map(row).join("\n")}`).join("\n\n")}
${aliasRows(aliases, longest)}
# More commands
${MORE_COMMANDS.map(([name]) => name).join(", ")}

# Topics (oneoff help topics lists what each is about)
${topics.join(", ")}
`;
  const usage = usageText("oneoff <command> [options]\noneoff <command> --help\noneoff help <topic>\noneoff --version");
  return `${usage}\n\n${render(rest, Math.min(columns, MAX_COMMAND_WIDTH))}`;
}

/** @param width of the names. */
function aliasRows(aliases: Aliases, width: number): string {
  if (aliases.size === 0) return "";
  const rows = Array.from(aliases)
    .slice(0, MAX_ALIASES)
    .map(([name, line]) => `${name.padEnd(width)} :: ${truncate(maskCommand(line), MAX_ALIAS_WIDTH)}`);
  const rest = aliases.size - rows.length;
  return `\n# Aliases of oneoff.yaml\n${[...rows, ...(rest > 0 ? [`${"…".padEnd(width)} :: and ${rest} more`] : [])].join("\n")}\n`;
}

const usageText = (usage: string) => `Usage: ${usage.replaceAll("\n", `\n${" ".repeat("Usage: ".length)}`)}`;

const topicList = () => Array.from(TOPICS, ([name, { about }]) => `oneoff help ${name} :: ${about}`).join("\n");

async function commandText(command: Command, columns: number): Promise<string> {
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
