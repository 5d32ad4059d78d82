import type { Command } from "../src/cli/command.ts";
import { GROUPS, loadCommands, MORE_COMMANDS } from "../src/cli/commands.ts";
import { commonOptions } from "../src/cli/common-options.ts";
import { EXIT_CODES, exitCodeRows } from "../src/cli/exit-code-help.ts";
import { placeholderOf } from "../src/cli/shapes.ts";
import { type Block, parseLightText } from "../src/cli/topics/light-text.ts";
import type { Topic } from "../src/cli/topics/topic.ts";
import { TOPICS } from "../src/cli/topics/topics.ts";
import type { Origin } from "./origin.ts";
import { macro, plainRoff, roff, textRoff } from "./roff.ts";

/** The man page, generated from the texts of `oneoff help`. */
export async function manPage({ version, time }: Pick<Origin, "version" | "time">): Promise<string> {
  const known = await loadCommands();
  const day = new Date(time * 1000).toISOString().slice(0, 10);
  const topics = Array.from(TOPICS).filter(([name, { asIs }]) => !asIs && name !== "exit-codes");
  const page = [
    `.TH ONEOFF 1 "${day}" "oneoff ${version}" "User Commands"`,
    ".SH NAME",
    "oneoff \\- one\\-off commands and deploy phases for containerised apps",
    ".SH SYNOPSIS",
    ".B oneoff",
    "\\fIcommand\\fR [\\fIoptions\\fR]",
    ".SH DESCRIPTION",
    textRoff(
      "oneoff runs one-off commands in the environment of an app, and deploys apps, on the socket of the container engine. It needs no server, agent, registry or docker client. Options may come before or after the command of oneoff. In commands that run another command, options end at the app.",
    ),
    ".PP",
    textRoff("`oneoff help config` prints the reference of oneoff.yaml."),
    ...Array.from([...GROUPS, ["MORE COMMANDS", MORE_COMMANDS] as const], ([title, named]) => [
      macro("SH", title.toUpperCase()),
      ...named.map(([name]) => commandRoff(name, known.get(name) as Command)),
    ]).flat(),
    macro("SH", "OPTIONS OF EVERY COMMAND"),
    ...optionsRoff(commonOptions),
    macro("SH", "EXIT STATUS"),
    roff(parseLightText(exitStatus), "SS"),
    ...topics.map(
      ([name, topic]) => `${macro("SH", name.replaceAll("-", " ").toUpperCase())}\n${topicRoff(topic, known)}`,
    ),
  ].join("\n");
  // A heading begins a paragraph by itself.
  return `${page.replaceAll(/^(\.S[HS] .*)\n\.PP$/gm, "$1")}\n`;
}

const exitStatus = `\
# run, run:detached, cron:run and exec
${exitCodeRows(EXIT_CODES.run)}

# attach and wait
${exitCodeRows(EXIT_CODES.wait)}

# Other commands
${exitCodeRows(EXIT_CODES.others)}
`;

function commandRoff(name: string, { usage, describe, options, examples }: Command): string {
  const own = Object.entries(options).filter(([option]) => !(option in commonOptions));
  return [
    macro("SS", `oneoff ${name}`),
    ...usage.split("\n").flatMap((line, index) => [...(index > 0 ? [".br"] : []), plainRoff(line)]),
    ".PP",
    textRoff(`${describe}.`),
    ...optionsRoff(Object.fromEntries(own)),
    ...examples.flatMap(([line, what]) => [".PP", ".RS 4", `\\fB${plainRoff(line)}\\fR`, ".br", textRoff(what), ".RE"]),
  ].join("\n");
}

const optionsRoff = (options: Command["options"]): string[] =>
  Object.entries(options).flatMap(([name, { alias, describe, ...shape }]) => {
    const names = [...(alias ? [`-${alias}`] : []), `--${name}`].map((one) => `\\fB${plainRoff(one)}\\fR`).join(", ");
    const placeholder = placeholderOf(shape, (text) => `\\fI${plainRoff(text)}\\fR`);
    return [".TP", `${names}${placeholder}`, textRoff(describe)];
  });

function topicRoff(topic: Topic, commands: Parameters<Topic["text"]>[0]): string {
  const parts = Array.from(topic.parts ?? [], ([name, part]): readonly Block[] => [
    { kind: "heading", text: name },
    ...parseLightText(part.text(commands)),
  ]);
  return [parseLightText(topic.text(commands)), ...parts].map((blocks) => roff(blocks, "SS")).join("\n");
}
