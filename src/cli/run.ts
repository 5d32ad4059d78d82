import type { App } from "../app/app.ts";
import { mayBeApp, releaseImage } from "../app/app-name.ts";
import { badAppName, isMissingImage, missingImage, noApp, notBuilt } from "../errors.ts";
import { imageProcfile } from "../oneoff/image-procfile.ts";
import { findManifest } from "../oneoff/manifest-file.ts";
import { resolveApp } from "../oneoff/resolve.ts";
import { runAttached, runDetached } from "../oneoff/session.ts";
import { oneoffSpec, terminalUse } from "../oneoff/spec.ts";
import { command } from "./command.ts";
import type { Context } from "./context.ts";
import { printSpec } from "./print.ts";
import { type RunArguments, runOptions, toRunSettings } from "./run-options.ts";

export const runCommand = command({
  options: runOptions,
  runsCommand: true,
  usage: "oneoff run [options] <app> [command…]",
  describe: "Run a command in a fresh container that copies the app, and leave nothing behind",
  examples: [
    ["oneoff run my-app rake db:migrate", "as if it were local: streams, signals, exit code"],
    ["oneoff run -e DEBUG=1 my-app bash", "a shell, where everything is as in production"],
    ["oneoff run --image busybox my-app 'ls -l | wc -l'", "one word with shell syntax runs under sh"],
    ["pg_dump … | oneoff run my-app ./import", "stdin reaches the command, to its end"],
  ],
  handle: (args, words, context) => run(args, words, context, "run"),
});

export const runDetachedCommand = command({
  ...runCommand,
  usage: "oneoff run:detached [options] <app> [command…]",
  describe: "Start it, print the container's id, and return at once",
  examples: [
    ["oneoff run:detached my-app rake reports:build", "the same as run --detach"],
    ["docker logs -f $(oneoff run:detached my-app ./import)", "follow what it writes"],
  ],
  handle: (args, words, context) => run({ ...args, detach: true }, words, context, "run:detached"),
});

/** @param typed what it was called. @returns the exit code. */
async function run(args: RunArguments, words: readonly string[], context: Context, typed: string): Promise<number> {
  const [name, commandWords] = nameApp(args, words, context);
  if (name === undefined) throw noApp(typed);
  if (!mayBeApp(name)) throw badAppName(name);
  const { terminal } = context;
  const { options, pull, detachKeys } = toRunSettings(args, commandWords, context);
  const { input, outputIsTerminal } = terminal;
  const facts = { input, outputIsTerminal, size: terminal.size() };
  terminalUse(name, options, facts);
  const request = { name, image: args.image, config: args.config };
  await using engine = context.openEngine(args.host);
  const report = context.report(args.quiet ?? false);
  const { app: found, copy } = await resolveApp({ engine, files: context, report }, request);
  const lookup = { engine, cache: context.cache, report };
  const procfile = found.procfile.size > 0 ? found.procfile : await imageProcfile(lookup, found, commandWords[0], copy);
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
