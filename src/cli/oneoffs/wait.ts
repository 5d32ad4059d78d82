import { setTimeout as pause } from "node:timers/promises";
import { parseDuration } from "../../app/units.ts";
import type { Transport } from "../../engine/transport.ts";
import { deadlinePassed, isUnknownOneoff, noOneoff, waitTimedOut } from "../../errors/oneoff.ts";
import { LABEL } from "../../identity/labels.ts";
import type { Journal } from "../../oneoff/journal/journal.ts";
import { findRemovedExit } from "../../oneoff/logs/removed-exit.ts";
import { findOneoff } from "../../oneoff/lookup/find-oneoff.ts";
import { type OneoffExit, waitForExit } from "../../oneoff/session/wait.ts";
import { printText } from "../../output/print.ts";
import { command } from "../command.ts";
import { appOfOneoffOption, commonOptions, configOption } from "../common-options.ts";
import { type NodeEngines, nodeEngines } from "../node-engines.ts";

export const waitCommand = command({
  options: {
    ...appOfOneoffOption,
    timeout: {
      type: "string",
      placeholder: "DURATION",
      describe: "Stop waiting after this time, e.g. 10m (exit code 124)",
    },
    ...configOption,
    ...commonOptions,
  },
  endsAsCommand: true,
  usage: "oneoff wait [options] <run.N…>",
  completions: ["one-off"],
  describe: "Wait for one-offs to exit and return their exit code",
  examples: [
    ["oneoff wait run.7364", "also if it has exited already"],
    ["oneoff wait --timeout 10m run.7364 run.8123", "print each exit code, return the first that is not 0"],
  ],
  async handle(flags, args, context) {
    if (args.length === 0) throw noOneoff("wait");
    const seconds = flags.timeout === undefined ? undefined : parseDuration(flags.timeout, "--timeout");
    await using engine = context.openEngine(flags);
    const journal = context.openJournal(engine);
    await using engines = nodeEngines(context, flags.config, context.report(flags));
    const find = (word: string) => findAwaited({ engine, journal, engines }, word, flags.app);
    const oneoffs = await Promise.all(args.map(find));
    const waiting = Promise.all(oneoffs.map(({ end }) => end()));
    const endings = await (seconds === undefined
      ? waiting
      : Promise.race([waiting, pause(seconds * 1000, undefined, { ref: false })]));
    if (!endings) throw waitTimedOut(seconds ?? 0);
    const { stdout } = context.terminal;
    if (oneoffs.length > 1) {
      for (const [index, { name }] of oneoffs.entries())
        printText(stdout, name, (shown) => `${shown} ${endings[index]?.code}\n`);
    }
    const failed = endings.findIndex(({ code }) => code !== 0);
    if (failed >= 0 && endings[failed]?.timedOut) throw deadlinePassed(oneoffs[failed]?.name ?? "");
    return endings[failed]?.code ?? 0;
  },
});

interface Awaited {
  /** `run.7364` */
  readonly name: string;
  end(): Promise<OneoffExit>;
}

interface AwaitContext {
  readonly engine: Transport;
  readonly journal: Journal;
  readonly engines: NodeEngines;
}

/** One-offs that are not on this engine may be on another node of a Swarm. The journal has exit codes of removed one-offs. */
async function findAwaited(context: AwaitContext, word: string, app: string | undefined): Promise<Awaited> {
  const { engine, journal } = context;
  try {
    const oneoff = await findOneoff(engine, word, app);
    return { name: oneoff.name, end: () => waitForExit(engine, oneoff) };
  } catch (error) {
    if (!isUnknownOneoff(error)) throw error;
    const onSwarm = await findAwaitedTask(context, word, app);
    if (onSwarm) return onSwarm;
    const past = findRemovedExit(journal, word, app);
    if (!past) throw error;
    return { name: past.name, end: async () => ({ code: past.code, timedOut: false }) };
  }
}

async function findAwaitedTask({ engine, engines }: AwaitContext, word: string, app: string | undefined) {
  const { findOneoffService } = await import("../../oneoff/swarm/tasks/find-task.ts");
  const service = await findOneoffService(engine, word, app);
  if (!service) return undefined;
  const name = service.Spec.Labels?.[LABEL.name] ?? word;
  if (service.Spec.Labels?.[LABEL.kind] === "run") {
    const { waitForTask } = await import("../../oneoff/swarm/tasks/wait-for-task.ts");
    return { name, end: () => waitForTask(engine, service) };
  }
  const { findHeldOneoff } = await import("../../oneoff/swarm/tasks/reach-task.ts");
  const held = await findHeldOneoff(engine, { word, app }, "wait", engines.find);
  return held && { name, end: () => waitForExit(held.engine, held.container) };
}
