import { splitWords } from "../../app/shell-words.ts";
import { OneoffError } from "../../errors/error.ts";
import { type Invocation, splitArgv } from "../argv.ts";
import { commandLine } from "../command-line.ts";
import type { CommandShape } from "../shapes.ts";
import { translate } from "./translate.ts";

/** People replace these names by `oneoff`. */
const TOOL = /^(?:heroku|dokku|scalingo|docker|kamal|fly|kubectl) /;

type Shapes = ReadonlyMap<string, CommandShape>;

/** @returns a line of another tool as a line of oneoff; undefined if it has no equivalent. */
export function toOneoff(line: string, commands: Shapes): string | undefined {
  const [, ...argv] = splitWords(line.replace(TOOL, "oneoff ")) ?? [];
  const invocation = parse(argv, commands) ?? translate(argv, commands);
  return invocation && commandLine(invocation, commands.get(invocation.command ?? ""));
}

function parse(argv: readonly string[], commands: Shapes): Invocation | undefined {
  try {
    return splitArgv(argv, commands);
  } catch (error) {
    if (error instanceof OneoffError) return undefined;
    throw error;
  }
}
