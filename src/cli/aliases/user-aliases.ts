import type { Aliases } from "../../app/manifest/manifest-aliases.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import { optionsOf } from "../argv.ts";
import type { Context } from "../context.ts";
import { readOption } from "../read-option.ts";
import type { CommandShape } from "../shapes.ts";

/** A command line whose command oneoff does not have, and the aliases of its oneoff.yaml. */
export interface UnknownCommand {
  /** Index of the command. */
  readonly at: number;
  readonly word: string;
  readonly aliases: Aliases;
  /** Why the nearest oneoff.yaml could not be read. */
  readonly failure?: unknown;
}

/**
 * Looks for the command of a command line among the aliases of oneoff.yaml.
 * @param commands everything that may be typed as a command.
 * @returns undefined without reading a file, if the line has no command or a command of oneoff.
 * @throws OneoffError for an invalid option before the command, and for an invalid file of `--config`.
 */
export async function findAliases(
  argv: readonly string[],
  commands: ReadonlyMap<string, CommandShape>,
  context: Context,
): Promise<UnknownCommand | undefined> {
  let config: string | undefined;
  let at = 0;
  while (/^-./.test(argv[at] ?? "") && argv[at] !== "--") {
    const { options, length } = readOption(argv, at, optionsOf(commands, undefined), "");
    config = configOf(options) ?? config;
    at += length;
  }
  const word = argv[at];
  if (word === undefined || word === "--" || commands.has(word)) return undefined;
  try {
    return { at, word, aliases: await aliasesNear(context, config) };
  } catch (failure) {
    if (config !== undefined) throw failure;
    return { at, word, aliases: new Map(), failure };
  }
}

/** @returns the command line with the arguments of its alias; undefined if it has none. */
export function expandAlias(argv: readonly string[], unknown: UnknownCommand | undefined): string[] | undefined {
  const words = unknown?.aliases.get(unknown.word);
  return unknown && words && argv.toSpliced(unknown.at, 1, ...words);
}

/** The file that `--config` names. */
export const configOf = (options: readonly string[]): string | undefined =>
  options.findLast((option) => option.startsWith("--config="))?.slice("--config=".length);

/** The aliases of the nearest oneoff.yaml. @throws OneoffError for an invalid or untrusted file. */
export const aliasesNear = async (context: Context, config?: string): Promise<Aliases> =>
  (await findManifest(config, context))?.manifest.aliases ?? new Map();
