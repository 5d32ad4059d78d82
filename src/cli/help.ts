import { didYouMean } from "../app/did-you-mean.ts";
import type { Aliases } from "../app/manifest/manifest-aliases.ts";
import { maskCommand } from "../app/secrets/mask.ts";
import { unknownCommand } from "../errors/cli.ts";
import { truncate } from "../output/table.ts";
import { COMMAND_ALIASES } from "./aliases/command-aliases.ts";
import { commandHelp, commandText, MAX_TEXT_WIDTH, render, usageText } from "./command-help.ts";
import { COMMAND_NAMES, GROUPS, loadCommand, loadShapes, MORE_COMMANDS, WITHOUT_COMMAND } from "./commands.ts";
import { MAX_COMMAND_WIDTH } from "./options-help.ts";
import type { CommandShape } from "./shapes.ts";
import type { Topic } from "./topics/topic.ts";
import { TOPICS } from "./topics/topics.ts";

/** oneoff.yaml may have any number of aliases, and help should fit on a screen. */
const MAX_ALIASES = 8;

/** The rest of a row of 80 columns. */
const MAX_ALIAS_WIDTH = 60;

type Shapes = ReadonlyMap<string, CommandShape>;

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
  const withPart = await loadCommand(`${name}:${part}`);
  if (topic && !withPart) return await topicHelp({ name, topic, part }, columns);
  const line = aliases.get(name);
  if (line) return `oneoff ${name} runs: ${maskCommand(["oneoff", ...line])} …\n`;
  const command = withPart ?? (await loadCommand(name)) ?? (await loadCommand(meaningOf(name)));
  if (command) return await commandHelp(command, columns);
  if (name === "topics") return render(topicList(), columns);
  if (WITHOUT_COMMAND.has(name)) return overview(columns, await loadShapes(), aliases);
  throw unknownOf(name, [...COMMAND_NAMES, ...TOPICS.keys(), ...aliases.keys()], "");
}

/** The help of a command comes before a topic of the same name. */
async function topicHelp(
  { name, topic, part }: { readonly name: string; readonly topic: Topic; readonly part: string | undefined },
  columns: number,
): Promise<string> {
  const command = await loadCommand(name);
  const { text: textFor, asIs } = partOf(topic, name, part);
  const text = textFor(await loadShapes());
  if (!command) return asIs ? text : render(text, columns);
  return `${await commandText(command, columns)}\n${render(`# ${topic.about}:\n${text}`, columns)}`;
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

/** All commands and topics, on one screen of 80 columns and 50 lines without aliases of oneoff.yaml. */
function overview(columns: number, shapes: Shapes, aliases: Aliases): string {
  const longest = Math.max(...[...GROUPS.values()].flat().map(([name]) => name.length));
  const row = ([name]: readonly [string, ...unknown[]]) => `${name.padEnd(longest)} :: ${shapes.get(name)?.describe}`;
  // `help config-schema` is for programs.
  const topics = Array.from(TOPICS).flatMap(([name, { asIs }]) => (asIs ? [] : name));
  const rest = `\
Run one-off commands and deploy containerised apps on a Docker Engine

${Array.from(GROUPS, ([title, named]) => `# ${title}\n${named.map(row).join("\n")}`).join("\n\n")}
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

const topicList = () => Array.from(TOPICS, ([name, { about }]) => `oneoff help ${name} :: ${about}`).join("\n");
