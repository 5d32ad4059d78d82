import { startupSnapshot } from "node:v8";
import { COMMAND_NAMES } from "./cli/commands.ts";
import { systemContext } from "./cli/context.ts";
import { cli } from "./cli/program.ts";
import { bug, neverAnswered } from "./errors/cli.ts";
import { outputLost } from "./errors/io.ts";
import { exactArgs } from "./host/exact-args.ts";
import { failureText } from "./output/human.ts";
import { onCollapse } from "./terminal/collapse.ts";
import { exitCodeOf } from "./terminal/signals.ts";
import { systemTerminal, type Terminal } from "./terminal/terminal.ts";

/** The exit code of a process that does not complete. */
const UNDECIDED = 125;

/** The entry point: the only code that reads arguments and exits the process. */
export async function main(): Promise<void> {
  process.exitCode = UNDECIDED;
  let terminal: Terminal | undefined;
  onCollapse(async (error) => {
    terminal ??= systemTerminal();
    terminal.stderr.write(`${failureText(error === undefined ? neverAnswered() : bug(error))}\n`);
    process.exit(await finish(UNDECIDED, terminal));
  });
  const [, script = ""] = process.argv;
  const context = systemContext(COMMAND_NAMES, script.endsWith(".ts") ? script : undefined);
  terminal = context.terminal;
  const code = await cli(exactArgs(process.argv.slice(2)), context);
  // Exits explicitly: waiting for the end of the event loop costs 10 ms and more.
  process.exit(await finish(code, terminal));
}

/** Output that could not be written is a failure, except for a closed reader. */
async function finish(code: number, terminal: Terminal): Promise<number> {
  const lost = await terminal.flush();
  if (!lost || code !== 0) return code;
  if (lost.code === "EPIPE") return exitCodeOf("SIGPIPE");
  terminal.stderr.write(`${failureText(outputLost(lost))}\n`);
  return 1;
}

// While a start-up snapshot is built, the builder calls `main`.
if (!startupSnapshot.isBuildingSnapshot()) void main();
