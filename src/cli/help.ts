import yargs from "yargs";
import { manifestExample } from "../app/manifest/manifest-example.ts";
import { manifestJsonSchema } from "../app/manifest/manifest-json-schema.ts";
import { nearest } from "../app/nearest.ts";
import { unknownCommand } from "../errors.ts";
import type { Command } from "./command.ts";
import { COMMANDS, GLOBAL, SHAPES } from "./commands.ts";
import type { Context } from "./context.ts";

/** What there is to read besides the commands. */
const TOPICS: ReadonlyMap<string, readonly [what: string, text: () => string]> = new Map([
  ["config", ["oneoff.yaml, with everything in it", manifestExample]],
  [
    "config-schema",
    ["The same as a JSON Schema, for editors", () => `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`],
  ],
]);

/** @param topic a command or a text to read, or nothing for all there is. */
export async function help(topic: string | undefined, { terminal }: Context): Promise<string> {
  const [, read] = TOPICS.get(topic ?? "") ?? [];
  if (read) return read();
  const command = COMMANDS.get(topic ?? "");
  if (topic !== undefined && !SHAPES.has(topic))
    throw unknownCommand(topic, nearest(topic, [...COMMANDS.keys(), ...TOPICS.keys()]));
  const text = yargs([]).scriptName("oneoff").locale("en").help(false).version(false).exitProcess(false);
  text.wrap(Math.min(terminal.size()?.columns ?? 100, 100));
  for (const [name, { many, ...option }] of Object.entries(command?.options ?? GLOBAL)) text.option(name, option);
  if (command) {
    text.usage(`${command.usage}\n\n${command.describe}.`).example(command.examples);
    text.epilogue(exitCodes(command));
  } else {
    text.usage(
      "oneoff <command> [options]\n\nOne-off commands for containerised apps, straight on the engine's socket.",
    );
    for (const [name, { describe }] of COMMANDS) text.command(name, describe);
    text.command("help [command]", "Explain a command");
    for (const [topic, [what]] of TOPICS) text.command(`help ${topic}`, what);
    text.command("version", "Show the version");
    text.example(COMMANDS.get("run")?.examples.slice(0, 2) ?? []);
  }
  return `${await text.getHelp()}\n`;
}

function exitCodes({ runsCommand, endsAsCommand }: Command): string {
  if (runsCommand) {
    return "Options end at the app: what follows is the command's. Exit codes: the command's own; 124 timed out,\n125 oneoff or the engine failed, 126 not executable, 127 not found, 128+n ended by signal n.";
  }
  if (endsAsCommand) return "Exit codes: the command's own; 125 oneoff or the engine failed.";
  return "Exit codes: 0 done, 1 failed, 2 used wrongly.";
}
