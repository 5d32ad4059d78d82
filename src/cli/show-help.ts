import type { Aliases } from "../app/manifest/manifest-aliases.ts";
import { aliasesNear, configOf } from "./aliases/user-aliases.ts";
import type { Command } from "./command.ts";
import { commandHelp } from "./command-help.ts";
import type { Context } from "./context.ts";
import { pagerFor } from "./pager.ts";

/**
 * Shows the help of a command in a pager, or of what the arguments of `oneoff help` name.
 * @param options every option in the form `--name=value` or `--name`.
 * @returns the text where it is to be printed instead.
 */
export async function showHelp(
  command: Command | undefined,
  { options, args }: { readonly options: readonly string[]; readonly args: readonly string[] },
  context: Context,
): Promise<string | undefined> {
  const columns = context.terminal.size()?.columns;
  const text = command
    ? await commandHelp(command, columns)
    : await (await import("./help.ts")).help(args, columns, await readAliases(context, configOf(options)));
  const pager = options.includes("--no-pager") ? undefined : pagerFor(text, context.terminal, context.env);
  return pager !== undefined && (await context.page(pager, text)) ? undefined : text;
}

/** Help is printed also if oneoff.yaml is invalid. */
async function readAliases(context: Context, config: string | undefined): Promise<Aliases> {
  try {
    return await aliasesNear(context, config);
  } catch {
    return new Map();
  }
}
