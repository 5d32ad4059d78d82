import { didYouMean } from "../../app/did-you-mean.ts";
import type { Procfile } from "../../app/procfile.ts";
import { warning } from "../../errors/error.ts";
import { didYouMeanType, withSuggestedType } from "../../errors/session.ts";
import type { Report } from "../../output/events.ts";
import { commandLine } from "../command-line.ts";
import { type RunFlags, runOptions } from "./run-options.ts";

const NOT_FOUND = 127;

interface Typed {
  /** `run` or `run:detached` */
  readonly command: string;
  readonly app: string;
  readonly flags: RunFlags;
  readonly args: readonly string[];
}

/**
 * Runs a command, and suggests a process type if the command is not found. Before that it is unknown whether
 * the image has a program of this name.
 * @param args a single argument that is nearly the name of a process type, or any other command.
 */
export async function suggestingType(
  procfile: Procfile,
  { command, app, flags, args: [name = "", ...more] }: Typed,
  report: Report,
  run: () => Promise<number>,
): Promise<number> {
  const type = more.length > 0 || procfile.has(name) ? undefined : didYouMean(name, procfile.keys());
  if (type === undefined) return await run();
  const args = flags.app === undefined ? [app, type] : [type];
  const usage = `oneoff ${command} [options] <app> [command…]`;
  const line = commandLine({ command, options: flags.given ?? [], args }, { usage, options: runOptions });
  const code = await run().catch((error: unknown) => {
    throw withSuggestedType(error, type, line);
  });
  if (code === NOT_FOUND) report(warning(didYouMeanType(name, line)));
  return code;
}
