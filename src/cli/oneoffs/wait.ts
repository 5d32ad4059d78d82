import { setTimeout as pause } from "node:timers/promises";
import { parseDuration } from "../../app/units.ts";
import type { Transport } from "../../engine/transport.ts";
import { deadlinePassed, isUnknownOneoff, noOneoff, waitTimedOut } from "../../errors/oneoff.ts";
import type { Journal } from "../../oneoff/journal/journal.ts";
import { findRemovedExit } from "../../oneoff/logs/removed-exit.ts";
import { findOneoff } from "../../oneoff/lookup/find-oneoff.ts";
import { type OneoffExit, waitForExit } from "../../oneoff/session/wait.ts";
import { printText } from "../../output/print.ts";
import { command } from "../command.ts";
import { appOfOneoffOption, commonOptions } from "../common-options.ts";

export const waitCommand = command({
  options: {
    ...appOfOneoffOption,
    timeout: {
      type: "string",
      placeholder: "DURATION",
      describe: "Stop waiting after this time, e.g. 10m (exit code 124)",
    },
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
    const oneoffs = await Promise.all(args.map((word) => findAwaited(engine, journal, word, flags.app)));
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

/** The journal has exit codes of removed one-offs. */
async function findAwaited(
  engine: Transport,
  journal: Journal,
  word: string,
  app: string | undefined,
): Promise<Awaited> {
  try {
    const oneoff = await findOneoff(engine, word, app);
    return { name: oneoff.name, end: () => waitForExit(engine, oneoff) };
  } catch (error) {
    const past = isUnknownOneoff(error) ? findRemovedExit(journal, word, app) : undefined;
    if (!past) throw error;
    return { name: past.name, end: async () => ({ code: past.code, timedOut: false }) };
  }
}
