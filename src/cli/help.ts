import yargs from "yargs";
import { nearest } from "../app/nearest.ts";
import { unknownCommand } from "../errors/cli.ts";
import type { Command } from "./command.ts";
import { COMMANDS, GROUPS, SHAPES } from "./commands.ts";
import { exitCodeRows, exitCodesOf } from "./exit-codes.ts";
import { COMMAND_HABITS } from "./habits/command-habits.ts";
import { parseLightText } from "./topics/light-text.ts";
import { terminalText } from "./topics/terminal-text.ts";
import type { Topic } from "./topics/topic.ts";
import { TOPICS } from "./topics/topics.ts";

/** Wider lines are hard to read. */
const WIDEST = 100;

/** @param words a command or a topic to read about, with its part if it has some; or nothing for all there is. */
export async function help(words: readonly string[], columns: number | undefined): Promise<string> {
  const width = widthOf(columns);
  const [name = "help", part] = words;
  const topic = TOPICS.get(name);
  const isCommand = COMMANDS.has(`${name}:${part}`);
  if (topic && !isCommand) return await topicHelp(name, topic, part, width);
  const command = COMMANDS.get(`${name}:${part}`) ?? COMMANDS.get(name) ?? COMMANDS.get(meaningOf(name));
  if (command) return await commandHelp(command, columns);
  if (SHAPES.has(name)) return topicText({ text: overview }, width);
  throw unknownOf(name, [...COMMANDS.keys(), ...TOPICS.keys()], "");
}

/** What `--help` after a command shows: it only names the topic that goes on where it ends. */
export async function commandHelp(command: Command, columns: number | undefined): Promise<string> {
  const width = widthOf(columns);
  const text = await commandText(command, width);
  return command.topic ? `${text}\n${terminalText(parseLightText(`More: oneoff help ${command.topic}`), width)}` : text;
}

const widthOf = (columns: number | undefined) => Math.min(columns ?? WIDEST, WIDEST);

/** Where a command has the same name, its help comes first. */
async function topicHelp(name: string, topic: Topic, part: string | undefined, width: number): Promise<string> {
  const command = COMMANDS.get(name);
  const found = partOf(topic, name, part);
  if (!command) return topicText(found, width);
  const text = () => `# ${topic.about}:\n${found.text()}`;
  return `${await commandText(command, width)}\n${topicText({ ...found, text }, width)}`;
}

/** The command that a word of another tool means. */
function meaningOf(name: string): string {
  const means = COMMAND_HABITS.get(name)?.means;
  return typeof means === "string" ? means : "";
}

function partOf(topic: Topic, name: string, part: string | undefined): Topic {
  if (part === undefined) return topic;
  const found = topic.parts?.get(part);
  if (!found) throw unknownOf(part, [...(topic.parts?.keys() ?? [])], `${name} `);
  return found;
}

function unknownOf(word: string, known: readonly string[], before: string) {
  const near = nearest(word, known);
  return unknownCommand(word, near, `oneoff help ${before}${near}`);
}

const topicText = ({ text, asIs }: Pick<Topic, "text" | "asIs">, width: number) =>
  asIs ? text() : terminalText(parseLightText(text()), width);

/** All there is, by what it is about, as light text. */
export function overview(): string {
  const rows = (entries: Iterable<readonly [string, string]>) =>
    Array.from(entries, ([name, what]) => `oneoff ${name} :: ${what}`).join("\n");
  const groups = Array.from(
    GROUPS,
    ([title, commands]) => `# ${title}\n${rows(commands.map(([name, { describe }]) => [name, describe]))}`,
  );
  return `\
oneoff <command> [options]

One-off commands for containerised apps, straight on the engine's socket.

${groups.join("\n\n")}

# To read
${rows([
  ["help <command>", "Explain a command, as --help after it does"],
  ...Array.from(TOPICS, ([name, { about }]): [string, string] => [`help ${name}`, about]),
  ["version", "Show the version"],
])}

# Options
-h, --help :: Explain the command
--no-pager :: Show it at once, however long it is ($ONEOFF_PAGER, $PAGER, or less)
-V, --version :: Show the version

# Examples
${COMMANDS.get("run")
  ?.examples.slice(0, 2)
  .map(([line, what]) => `${line} :: ${what}`)
  .join("\n")}
`;
}

async function commandText(command: Command, width: number): Promise<string> {
  const text = yargs([]).scriptName("oneoff").locale("en").help(false).version(false).exitProcess(false).wrap(width);
  for (const [name, { many, optional, ...option }] of Object.entries(command.options)) text.option(name, option);
  text.usage(`${command.usage}\n\n${command.describe}.`).example(command.examples);
  const codes = exitCodeRows(exitCodesOf(command));
  const end = command.runsCommand ? "Options end at the app: what follows is the command's.\n\n" : "";
  return `${await text.getHelp()}\n\n${terminalText(parseLightText(`${end}# Exit codes:\n${codes}`), width)}`;
}
