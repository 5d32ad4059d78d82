import { didYouMean } from "../app/did-you-mean.ts";
import { isUnknownCommand, unknownCommand, useOtherCommand } from "../errors/cli.ts";
import { translate } from "./aliases/translate.ts";
import { expandAlias, findAliases, type UnknownCommand } from "./aliases/user-aliases.ts";
import { checkNumber, type Invocation, splitArgv } from "./argv.ts";
import { commandLine } from "./command-line.ts";
import { loadShapes } from "./commands.ts";
import type { Context } from "./context.ts";
import { lineWith } from "./read-option.ts";
import type { CommandShape } from "./shapes.ts";

/**
 * Reads any command line: with an alias of oneoff.yaml, or of another tool.
 * @param onCommand called as soon as the command is known, for errors after it.
 */
export async function interpret(
  argv: readonly string[],
  context: Context,
  onCommand: (name: string) => void,
): Promise<Invocation> {
  const shapes = await loadShapes();
  try {
    const invocation = splitArgv(argv, shapes, onCommand);
    checkNumber(invocation, shapes.get(invocation.command ?? ""));
    return invocation;
  } catch (error) {
    const unknown = isUnknownCommand(error) ? await findAliases(argv, shapes, context) : undefined;
    const expanded = expandAlias(argv, unknown);
    // The line begins with a command of oneoff, so that it is not expanded again.
    if (expanded) return await interpret(expanded, context, onCommand);
    const translation = translate(argv, shapes);
    if (!translation) throw unknown ? explainUnknown(argv, shapes, unknown, error) : error;
    onCommand(translation.command);
    if (translation.why !== undefined)
      throw useOtherCommand(translation.why, commandLine(translation, shapes.get(translation.command)));
    checkNumber(translation, shapes.get(translation.command));
    return translation;
  }
}

/** An alias may be meant: of a oneoff.yaml that cannot be read, or one with a similar name. */
function explainUnknown(
  argv: readonly string[],
  shapes: ReadonlyMap<string, CommandShape>,
  { word, aliases, failure }: UnknownCommand,
  error: unknown,
): unknown {
  const near = didYouMean(word, [...shapes.keys(), ...aliases.keys()]);
  if (near === undefined) return failure ?? error;
  return aliases.has(near) ? unknownCommand(word, near, lineWith(argv, argv.indexOf(word), near)) : error;
}
