import { splitWords } from "../../app/shell-words.ts";
import { OneoffError } from "../../errors/error.ts";
import { type Invocation, splitArgv } from "../argv.ts";
import { commandLine } from "../command-line.ts";
import { SHAPES } from "../commands.ts";
import { translate } from "./translate.ts";

/** People replace these names by `oneoff`. */
const TOOL = /^(?:heroku|dokku|scalingo|docker|kamal|fly|kubectl) /;

/** @returns a line of another tool as a line of oneoff; undefined if it has no equivalent. */
export function toOneoff(line: string): string | undefined {
  const [, ...argv] = splitWords(line.replace(TOOL, "oneoff ")) ?? [];
  const invocation = parse(argv) ?? translate(argv, SHAPES);
  return invocation && commandLine(invocation, SHAPES.get(invocation.command ?? ""));
}

function parse(argv: readonly string[]): Invocation | undefined {
  try {
    return splitArgv(argv, SHAPES);
  } catch (error) {
    if (error instanceof OneoffError) return undefined;
    throw error;
  }
}
