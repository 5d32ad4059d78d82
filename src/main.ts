import { startupSnapshot } from "node:v8";
import { systemContext } from "./cli/context.ts";
import { cli } from "./cli/program.ts";
import { outputLost } from "./errors.ts";
import { failure } from "./output/human.ts";
import { exitCodeOf } from "./terminal/signals.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** The edge: the only reader of our words, and the only place that ends the process. */
export async function main(): Promise<void> {
  const context = systemContext();
  const code = await cli(process.argv.slice(2), context);
  // Not left to the end of the event loop: tearing the process down that way costs 10 ms and more.
  process.exit(await finish(code, context.terminal));
}

/** An answer that could not be written is not an answer; that its reader has gone is known to the reader. */
async function finish(code: number, terminal: Terminal): Promise<number> {
  const lost = await terminal.flush();
  if (!lost || code !== 0) return code;
  if (lost.code === "EPIPE") return exitCodeOf("SIGPIPE");
  terminal.stderr.write(`${failure(outputLost(lost))}\n`);
  return 1;
}

// While a start-up snapshot is taken, whoever takes it decides what to do with `main`.
if (!startupSnapshot.isBuildingSnapshot()) void main();
