import { isMissingImage, noApp } from "../errors.ts";
import { explainMissingImage, resolveApp } from "../oneoff/resolve.ts";
import { runAttached, runDetached } from "../oneoff/session.ts";
import { oneoffSpec } from "../oneoff/spec.ts";
import type { Context } from "./context.ts";
import { printSpec } from "./print.ts";
import { type RunArguments, toRunSettings } from "./run-options.ts";

/** `oneoff run`. @param typed what it was called. @returns the exit code. */
export async function run(
  args: RunArguments,
  words: readonly string[],
  context: Context,
  typed = "run",
): Promise<number> {
  const [name, command] = args.app === undefined ? [words[0], words.slice(1)] : [args.app, words];
  if (name === undefined) throw noApp(typed);
  const { terminal } = context;
  const { options, pull, detachKeys } = toRunSettings(args, command, context);
  const request = { name, image: args.image, config: args.config };
  const app = resolveApp(request, context);
  const { input, outputIsTerminal } = terminal;
  const spec = oneoffSpec(app, options, { input, outputIsTerminal, size: terminal.size() });
  if (args.print) {
    terminal.stdout.write(printSpec(app, spec));
    return 0;
  }
  const report = context.report(args.quiet ?? false);
  await using engine = context.openEngine(args.host);
  const session = { engine, terminal, report, pull, detachKeys, random: context.random };
  try {
    if (!options.detach) return await runAttached(session, spec);
    terminal.stdout.write(`${await runDetached(session, spec)}\n`);
    return 0;
  } catch (error) {
    throw isMissingImage(error) ? await explainMissingImage(engine, app, request, context) : error;
  }
}
