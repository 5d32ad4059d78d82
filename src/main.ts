import { startupSnapshot } from "node:v8";
import { systemContext } from "./cli/context.ts";
import { cli } from "./cli/program.ts";
import { bug, neverAnswered } from "./errors/cli.ts";
import { outputLost } from "./errors/io.ts";
import { exactArgs } from "./host/exact-args.ts";
import { failureText } from "./output/human.ts";
import { onCollapse } from "./terminal/collapse.ts";
import { exitCodeOf } from "./terminal/signals.ts";
import { systemTerminal, type Terminal } from "./terminal/terminal.ts";

/** The exit code of a process that has not got to an answer, whatever it was to do. */
const UNDECIDED = 125;

/** The edge: the only reader of our words, and the only place that ends the process. */
export async function main(): Promise<void> {
  process.exitCode = UNDECIDED;
  let terminal: Terminal | undefined;
  onCollapse(async (error) => {
    terminal ??= systemTerminal();
    terminal.stderr.write(`${failureText(error === undefined ? neverAnswered() : bug(error))}\n`);
    process.exit(await finish(UNDECIDED, terminal));
  });
  const context = systemContext();
  terminal = context.terminal;
  const code = await cli(exactArgs(process.argv.slice(2)), context);
  // Not left to the end of the event loop: tearing the process down that way costs 10 ms and more.
  process.exit(await finish(code, terminal));
}

/** An answer that could not be written is not an answer; that its reader has gone is known to the reader. */
async function finish(code: number, terminal: Terminal): Promise<number> {
  const lost = await terminal.flush();
  if (!lost || code !== 0) return code;
  if (lost.code === "EPIPE") return exitCodeOf("SIGPIPE");
  terminal.stderr.write(`${failureText(outputLost(lost))}\n`);
  return 1;
}

// While a start-up snapshot is taken, whoever takes it decides what to do with `main`.
if (!startupSnapshot.isBuildingSnapshot()) void main();
