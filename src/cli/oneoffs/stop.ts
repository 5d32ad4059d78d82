import { parseDuration } from "../../app/units.ts";
import { listRunning } from "../../deploy/rollout/running-processes.ts";
import { conflictingOptions } from "../../errors/error.ts";
import { nothingToStop, unknownOneoffs } from "../../errors/oneoff.ts";
import { unqualifiedName } from "../../oneoff/apps/find.ts";
import { findProcesses } from "../../oneoff/apps/find-process.ts";
import { isIdleApp } from "../../oneoff/apps/idle-app.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import { listVerifiedOneoffs } from "../../oneoff/lookup/find-oneoff.ts";
import { isLive } from "../../oneoff/lookup/oneoff.ts";
import { selectOneoffs } from "../../oneoff/lookup/select-oneoffs.ts";
import { stopOneoffs } from "../../oneoff/session/stop.ts";
import { command, type Flags } from "../command.ts";
import { appOption, commonOptions, configOption } from "../common-options.ts";
import type { Context } from "../context.ts";
import { findSwarmStops } from "./stop-on-swarm.ts";

const options = {
  ...appOption,
  ...configOption,
  all: { type: "boolean", describe: "Stop all one-offs of all apps" },
  grace: {
    type: "string",
    placeholder: "DURATION",
    describe: "Time between SIGTERM and SIGKILL (default: the stop timeout of the one-off, or 10s)",
  },
  quiet: { type: "boolean", alias: "q", describe: "Print errors only" },
  ...commonOptions,
} as const;

export const stopCommand = command({
  options,
  usage: "oneoff stop [options] <run.N or app>…",
  completions: ["app or one-off"],
  describe: "Stop one-offs (processes: see ps:stop)",
  examples: [
    ["oneoff stop run.7364 run.1234", "stop two one-offs"],
    ["oneoff stop my-app", "stop all one-offs of an app"],
    ["oneoff stop my-app.web.2", "stop one process of an app"],
    ["oneoff stop --all --grace 1m", "give them a minute to exit"],
  ],
  handle: stop,
});

export const runStopCommand = command({
  ...stopCommand,
  usage: "oneoff run:stop [options] <run.N or app>…",
  describe: "Stop one-offs (same as stop)",
});

async function stop(flags: Flags<typeof options>, args: readonly string[], context: Context): Promise<number> {
  if (flags.all && (args.length > 0 || flags.app !== undefined)) throw conflictingOptions("--all", args[0] ?? "--app");
  if (!flags.all && args.length === 0 && flags.app === undefined) throw nothingToStop();
  const grace = flags.grace === undefined ? undefined : parseDuration(flags.grace, "--grace");
  const found = await findManifest(flags.config, context);
  await using engine = context.openEngine(flags);
  const report = context.report(flags);
  const journal = context.openJournal(engine);
  const app = flags.app && unqualifiedName(flags.app);
  const oneoffs = await listVerifiedOneoffs(engine, app);
  const none = async (whose: string | undefined) => {
    const processes = whose === undefined ? [] : await listRunning(engine, whose);
    const hasRunningProcesses = processes.some(({ isRunning }) => isRunning);
    report({
      type: "none-found",
      resource: "one-offs",
      app: whose,
      states: ["running"],
      ...(hasRunningProcesses && { hasRunningProcesses }),
    });
  };
  const stopping = { engine, report, journal };
  await using opened = new AsyncDisposableStack();
  const openSwarm = async () =>
    opened.use(await findSwarmStops(context, engine, { ...flags, app }, { journal, grace }));
  if (args.length === 0) {
    const live = oneoffs.filter(isLive);
    const elsewhere = (await openSwarm()).all(app);
    if (live.length + elsewhere.length === 0) await none(app);
    else await stopOneoffs(stopping, live, grace, elsewhere);
    return 0;
  }
  const { selected, unmatched } = selectOneoffs(args, oneoffs);
  // A name without a number is an app, so a container name does not select its process here.
  const names = unmatched.filter((word) => !found?.manifest.apps.has(word));
  const meant = await findProcesses(engine, names, { app, byContainer: false, excludesCopies: true });
  // The task that replaces one that has ended may be on another node.
  const here = meant.map((one) => (one?.from === "swarm" && !isLive(one) ? undefined : one));
  const processes = new Map(here.flatMap((one) => (one ? [[one.id, one]] : [])));
  const missing = unmatched.filter((word) => !here[names.indexOf(word)]);
  const isApp = (word: string) => selected.some((one) => one.app === unqualifiedName(word));
  const sought = [...missing, ...args.filter((word) => isApp(word) && !missing.includes(word))];
  const swarm = sought.length > 0 ? await openSwarm() : undefined;
  const elsewhere = new Map(sought.map((word) => [word, swarm?.match(word) ?? []]));
  const rest = missing.filter((word) => elsewhere.get(word)?.length === 0);
  // With `--app`, arguments are names of one-offs and processes.
  const areApps = app ? [] : await Promise.all(rest.map((word) => isIdleApp(engine, word, found)));
  const unknown = rest.filter((_, index) => !areApps[index]);
  if (unknown.length > 0) throw unknownOneoffs(unknown, app);
  for (const word of rest) await none(unqualifiedName(word));
  await stopOneoffs(stopping, [...selected, ...processes.values()], grace, [...elsewhere.values()].flat());
  return 0;
}
