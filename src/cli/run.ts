import type { App } from "../app/app.ts";
import { mayBeApp, releaseImage } from "../app/app-name.ts";
import { badAppName, isMissingImage, missingImage, noApp, notBuilt } from "../errors.ts";
import { imageProcfile } from "../oneoff/image-procfile.ts";
import { findManifest } from "../oneoff/manifest-file.ts";
import { resolveApp } from "../oneoff/resolve.ts";
import { runAttached, runDetached } from "../oneoff/session.ts";
import { oneoffSpec, terminalUse } from "../oneoff/spec.ts";
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
  const [name, command] = nameApp(args, words, context);
  if (name === undefined) throw noApp(typed);
  if (!mayBeApp(name)) throw badAppName(name);
  const { terminal } = context;
  const { options, pull, detachKeys } = toRunSettings(args, command, context);
  const { input, outputIsTerminal } = terminal;
  const facts = { input, outputIsTerminal, size: terminal.size() };
  terminalUse(name, options, facts);
  const request = { name, image: args.image, config: args.config };
  await using engine = context.openEngine(args.host);
  const report = context.report(args.quiet ?? false);
  const { app: found, copy } = await resolveApp({ engine, files: context, report }, request);
  const lookup = { engine, cache: context.cache, report };
  const procfile = found.procfile.size > 0 ? found.procfile : await imageProcfile(lookup, found, command[0], copy);
  const app = { ...found, procfile };
  const spec = oneoffSpec(app, options, facts, copy);
  if (args.print) {
    terminal.stdout.write(printSpec(app, spec));
    return 0;
  }
  const session = { engine, terminal, report, pull, detachKeys, random: context.random };
  try {
    if (!options.detach) return await runAttached(session, spec);
    terminal.stdout.write(`${await runDetached(session, spec)}\n`);
    return 0;
  } catch (error) {
    throw isMissingImage(error) ? missing(app) : error;
  }
}

/** The app that is meant: by option, as the first word, or as the only one there is if that word cannot be one. */
function nameApp(
  args: RunArguments,
  words: readonly string[],
  context: Context,
): [string | undefined, readonly string[]] {
  if (args.app !== undefined) return [args.app, words];
  const [first, ...rest] = words;
  if (first === undefined || mayBeApp(first)) return [first, rest];
  const apps = [...(findManifest(args.config, context)?.manifest.apps.keys() ?? [])];
  return apps.length === 1 ? [apps[0], words] : [first, rest];
}

function missing({ from, image, name, settings }: App) {
  if (settings.build && image === releaseImage(name)) return notBuilt(name, settings.build.context);
  return missingImage(image, from === "--image" ? `--image ${image} ${name}` : name);
}
