import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { selftestTooSlow } from "../../errors/cli.ts";
import type { Journal } from "../../oneoff/journal/journal.ts";
import { openProbeImage } from "../../oneoff/selftest/probe-image.ts";
import { checkLine } from "../../output/lines.ts";
import { printJson, printText } from "../../output/print.ts";
import { command, type Flags } from "../command.ts";
import { commonOptions, formatOption, wantsJson } from "../common-options.ts";
import type { Context } from "../context.ts";
import { untilSignalled } from "../oneoffs/until-signalled.ts";
import { runCommand } from "../run/run.ts";
import { type Bench, CHECKS } from "./checks.ts";

const options = { ...formatOption, ...commonOptions } as const;

/** Timeout of a check in seconds. */
const SELFTEST_TIMEOUT_S = 30;

export const selftestCommand = command({
  options,
  usage: "oneoff selftest [options]",
  describe: "Test that one-offs work on this engine",
  examples: [
    ["oneoff selftest", "one line per check; nothing is left behind"],
    ["oneoff selftest --format json | jq '.[] | select(.ok | not)'", "failed checks only"],
  ],
  most: 0,
  async handle(flags, _words, context) {
    const json = wantsJson(flags.format, "selftest");
    const { stdout } = context.terminal;
    const folder = mkdtempSync(`${tmpdir()}/oneoff-selftest-`);
    await using engine = context.openEngine(flags);
    await using image = openProbeImage(engine, folder.slice(-6).toLowerCase());
    using _folder = { [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
    const results: Result[] = [];
    const code = await untilSignalled(context.terminal, async (signal) => {
      for await (const result of proceed(
        { engine, image, folder, run: runner(flags, context, image, folder) },
        context,
      )) {
        if (signal.aborted) return;
        results.push(result);
        if (!json) printText(stdout, result, checkLine);
      }
    });
    if (json && code === 0) printJson(stdout, results, 2);
    return code || (results.every(({ ok }) => ok) ? 0 : 1);
  },
});

interface Result {
  readonly check: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly description: string;
  /** Null if the check passed. */
  readonly error: string | null;
}

/** Runs the checks in order; stops without an engine or image. */
async function* proceed(bench: Bench, { monotonic }: Context): AsyncGenerator<Result> {
  for (const [n, { name, description, check }] of CHECKS.entries()) {
    const startedAt = monotonic();
    const error = await Promise.race([check(bench), tooSlow()]).then(
      () => null,
      ({ message }: Error) => message,
    );
    yield { check: name, ok: error === null, seconds: (monotonic() - startedAt) / 1000, description, error };
    if (error !== null && n < 2) return;
  }
}

const tooSlow = () =>
  new Promise<never>((_, reject) => {
    setTimeout(() => reject(selftestTooSlow(SELFTEST_TIMEOUT_S)), SELFTEST_TIMEOUT_S * 1000).unref();
  });

/** Runs the real command `oneoff run` in an empty folder and without a journal. */
function runner(
  { host, context: dockerContext }: Flags<typeof options>,
  context: Context,
  { name, label }: { name: string; label: string },
  cwd: string,
): Bench["run"] {
  const journal: Journal = { append() {}, read: () => [], follow: () => () => [] };
  const alone = { ...context, cwd, exists: () => false, report: () => () => {}, openJournal: () => journal };
  return (terminal, files) =>
    runCommand.handle(
      {
        image: name,
        label: [label],
        ...(host !== undefined && { host }),
        ...(dockerContext !== undefined && { context: dockerContext }),
        ...(files && { file: [files.file], fetch: [files.fetch] }),
      },
      ["oneoff-selftest", "/probe"],
      { ...alone, terminal },
    );
}
