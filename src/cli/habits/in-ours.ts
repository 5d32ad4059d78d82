import { splitWords } from "../../app/words.ts";
import { OneoffError } from "../../errors/error.ts";
import { type Invocation, splitArgv } from "../argv.ts";
import { SHAPES } from "../commands.ts";
import { lineOf, translate } from "./translate.ts";

/** Names of tools: what comes after them is what people type after `oneoff`. */
const TOOL = /^(?:heroku|dokku|scalingo|docker|kamal|fly|kubectl) /;

/** A line of another tool as what to type here. @returns undefined when it is nothing here. */
export function inOurs(line: string): string | undefined {
  const [, ...argv] = splitWords(line.replace(TOOL, "oneoff ")) ?? [];
  const said = ours(argv) ?? translate(argv, SHAPES);
  return said && lineOf(said, SHAPES.get(said.command ?? ""));
}

function ours(argv: readonly string[]): Invocation | undefined {
  try {
    return splitArgv(argv, SHAPES);
  } catch (error) {
    if (error instanceof OneoffError) return undefined;
    throw error;
  }
}
