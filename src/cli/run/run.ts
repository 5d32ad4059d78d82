import { mayBeApp } from "../../app/app-name.ts";
import { meantForSeveral, quotedNames } from "../../app/env.ts";
import { maskCommand } from "../../app/secrets/mask.ts";
import type { Phase } from "../../deploy/step-names.ts";
import { badAppName, quotedEnvValue, severalVariables } from "../../errors/app.ts";
import { noApp } from "../../errors/cli.ts";
import { conflictingOptions, warning } from "../../errors/error.ts";
import { appProcfile } from "../../oneoff/apps/app-procfile.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import { resolveApp } from "../../oneoff/apps/resolve.ts";
import { checkFetches } from "../../oneoff/files/fetch-target.ts";
import { reapInPassing } from "../../oneoff/reaping/reap.ts";
import { runAttached, runDetached } from "../../oneoff/session/run.ts";
import { chooseStdio } from "../../oneoff/session/tty.ts";
import type { RunOptions } from "../../oneoff/spec/options.ts";
import { buildSpec, type RunFacts } from "../../oneoff/spec/spec.ts";
import { printText } from "../../output/print.ts";
import { command } from "../command.ts";
import type { Context } from "../context.ts";
import { explainFailure } from "./explain-failure.ts";
import { withLauncher } from "./image-launcher.ts";
import { suggestingType } from "./misspelled-type.ts";
import { parsePhase } from "./phase-option.ts";
import { placeOnSwarm } from "./place-on-swarm.ts";
import { withPort } from "./process-port.ts";
import { withProxies } from "./proxy-env.ts";
import { type RunFlags, runOptions } from "./run-options.ts";
import { toRunSettings } from "./run-settings.ts";

export const runCommand = command({
  options: runOptions,
  runsCommand: true,
  topic: "one-offs",
  usage: "oneoff run [options] <app> [command…]",
  completions: ["app", "command", "file"],
  describe: "Run a command in a new container of an app",
  examples: [
    ["oneoff run my-app rake db:migrate", "streams, signals and exit code as if it were local"],
    ["oneoff run -e DEBUG=1 my-app bash", "a shell in the environment of the app"],
    ["oneoff run --image busybox my-app 'ls -l | wc -l'", "shell syntax in one argument runs under sh"],
    ["pg_dump … | oneoff run my-app ./import", "stdin is piped to the command"],
  ],
  handle: (flags, args, context) => run(flags, args, context, "run"),
});

export const runDetachedCommand = command({
  ...runCommand,
  usage: "oneoff run:detached [options] <app> [command…]",
  describe: "Run a command in the background (same as run --detach)",
  examples: [
    ["oneoff run:detached my-app rake reports:build", "print the container ID and return"],
    ["oneoff wait $(oneoff run:detached my-app ./import)", "return its exit code when it has exited"],
  ],
  handle: (flags, args, context) => run({ ...flags, detach: true }, args, context, "run:detached"),
});

/** @param typed the typed name of the command. @param task for a scheduled task. @returns the exit code. */
export async function run(
  flags: RunFlags,
  args: readonly string[],
  context: Context,
  typed: string,
  task: Pick<RunOptions, "series" | "lock"> = {},
): Promise<number> {
  const [name, given] = await nameApp(flags, args, context);
  if (name === undefined) throw noApp(typed, "<app> [command…]");
  if (!mayBeApp(name)) {
    // The argument is the command, and no app is known.
    throw badAppName(name, /\s/.test(name) ? maskCommand(["oneoff", typed, "my-app", name, ...given]) : undefined);
  }
  const { terminal, cwd, owner, random, credentials } = context;
  const phase = flags.phase === undefined ? undefined : parsePhase(flags.phase);
  if (phase && given[0] !== undefined) throw conflictingOptions("--phase", given[0]);
  const { options, files, secrets, print, detachKeys, ...settings } = toRunSettings(
    flags,
    phase ? [phase] : given,
    context,
  );
  const facts: RunFacts = {
    // An upload from stdin leaves no stdin for the command; a scheduled task has none.
    input: task.series || files.some(({ source }) => source === "-") ? "empty" : terminal.input,
    outputIsTerminal: terminal.outputIsTerminal,
    size: terminal.size(),
    owner: owner.self,
  };
  chooseStdio(`run ${name}`, options, facts);
  checkFetches(options.fetches ?? [], cwd, options.force ?? false);
  const request = { name, image: flags.image, config: flags.config, build: flags.build };
  await using home = context.openEngine(flags);
  const report = context.report(flags);
  for (const name of flags.env?.flatMap((flag) => meantForSeveral(flag) ?? []) ?? []) {
    report(warning(severalVariables(name)));
  }
  const ofFlags = new Set(flags.env?.map((flag) => flag.replace(/=[\s\S]*$/, "")));
  for (const name of quotedNames(options.env).filter((name) => !ofFlags.has(name))) {
    report(warning(quotedEnvValue(name)));
  }
  if (flags.build) {
    const { buildImage } = await import("./build-image.ts");
    await buildImage({ engine: home, report, credentials }, context, { app: name, pull: settings.pull !== "never" });
  }
  const failed =
    phase && flags.image === undefined
      ? await (await import("../../deploy/phases/failed-phase.ts")).findFailedPhase(
          { engine: home, report },
          name,
          phase,
        )
      : undefined;
  const located = failed ?? (await resolveApp({ engine: home, files: context, report }, request));
  await using swarm = await placeOnSwarm(context, { home, report }, flags, located, options);
  const { engine, resolved } = swarm ?? { engine: home, resolved: located };
  const { copy } = resolved;
  // Swarm pulls the image of a service wherever a task starts.
  const pull = swarm && flags.pull === undefined ? "missing" : settings.pull;
  const puller = { engine, terminal, report, credentials };
  const launched = await withLauncher(puller, resolved, options, { isPrinted: print !== undefined, pull });
  const { app: found, image, isPulled } = launched;
  const lookup = { engine, cache: context.cache, report, owner: owner.self, files: context };
  // A phase runs the arguments of its container, also where they name a process type.
  const known = { ...resolved, app: found, image: image ?? resolved.image, config: flags.config };
  const procfile = phase ? new Map() : await appProcfile(lookup, known, given[0]);
  const withoutProxies = await withPort(engine, { ...found, procfile }, given[0]);
  const app = withProxies({ engine, report }, context, { app: withoutProxies, copy }, options);
  const ofPhase = async (phase: Phase) =>
    await (await import("../../deploy/phases/phase-args.ts")).phaseArgs(engine, found, phase, swarm && home);
  const commandWords = failed?.args ?? (phase ? await ofPhase(phase) : given);
  const uploads =
    files.length + secrets.length > 0
      ? await (await import("../../oneoff/files/plan-uploads.ts")).planUploads({ ...context, report }, files, secrets)
      : undefined;
  const timeout = options.timeout ?? (phase && app.settings.phaseTimeouts?.[phase]);
  const more = { ...(uploads && { uploads }), ...(timeout !== undefined && { timeout }) };
  const asked = { ...options, ...task, args: commandWords, ...more };
  const built = buildSpec(app, asked, swarm?.factsFor(facts, asked) ?? facts, copy);
  const { spec, surroundings } = swarm?.complete(built) ?? { spec: built, surroundings: resolved.surroundings };
  const taskRunner = swarm?.taskRunner(spec, copy, flags.image ?? app.settings.image);
  if (print) {
    const { printSpec } = await import("./print.ts");
    terminal.stdout.write(taskRunner?.print(print) ?? printSpec(app, spec, print, engine.quirks, swarm?.place));
    return 0;
  }
  if (swarm) report(swarm.event);
  const journal = context.openJournal(engine);
  // Otherwise oneoff exits before the engine could answer `onStart`.
  const isFollowed = !options.detach || flags.tail;
  const onStart = async () => {
    await reapInPassing({ engine, journal }, owner);
    if (swarm) await (await import("../../oneoff/reaping/reap-swarm.ts")).reapSwarmInPassing(home, journal, owner);
  };
  const session = {
    engine,
    terminal,
    report: swarm?.report ?? report,
    pull: isPulled ? "missing" : pull,
    credentials,
    detachKeys,
    random,
    owner,
    cwd,
    journal,
    ...(isFollowed && { onStart }),
    surroundings,
    manager: swarm && home,
  };
  const { attached, detached } = taskRunner ?? { attached: runAttached, detached: runDetached };
  const start = async () => {
    if (isFollowed) return await attached(session, spec);
    const id = await detached(session, spec);
    if (id) printText(terminal.stdout, id, (line) => `${line}\n`);
    return 0;
  };
  try {
    return await suggestingType(procfile, { command: typed, app: name, flags, args: given }, report, start);
  } catch (error) {
    throw await explainFailure(error, { engine: home, app, image: flags.image, resolved, spec });
  }
}

/**
 * The app: the option, the first argument, or the only app of oneoff.yaml. The last applies if the argument cannot be an
 * app, or is the only argument, which is then the command.
 */
async function nameApp(
  flags: RunFlags,
  args: readonly string[],
  context: Context,
): Promise<[string | undefined, readonly string[]]> {
  if (flags.app !== undefined) return [flags.app, args];
  // A phase has its own command.
  if (flags.phase !== undefined) return [args[0], args.slice(1)];
  const [first, ...rest] = args;
  const isAlone = rest.length === 0 && flags.image === undefined;
  if (first === undefined || (mayBeApp(first) && !isAlone)) return [first, rest];
  const apps = [...((await findManifest(flags.config, context))?.manifest.apps.keys() ?? [])];
  return apps.length === 1 && apps[0] !== first ? [apps[0], args] : [first, rest];
}
