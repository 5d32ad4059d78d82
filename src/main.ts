import type { Writable } from "node:stream";
import { startupSnapshot } from "node:v8";
import { systemContext } from "./cli/context.ts";
import { cli } from "./cli/program.ts";

/** The edge: the only reader of our words, and the only place that ends the process. */
export async function main(): Promise<void> {
  const context = systemContext();
  const code = await cli(process.argv.slice(2), context);
  await Promise.all([flushed(context.terminal.stdout), flushed(context.terminal.stderr)]);
  // Not left to the end of the event loop: tearing the process down that way costs 10 ms and more.
  process.exit(code);
}

/** Once all that was written has gone, or cannot go. */
const flushed = (stream: Writable) =>
  new Promise<void>((resolve) => {
    stream.once("error", () => resolve());
    if (stream.writableLength === 0 || stream.destroyed) resolve();
    else stream.write("", () => resolve());
  });

// While a start-up snapshot is taken, whoever takes it decides what to do with `main`.
if (!startupSnapshot.isBuildingSnapshot()) void main();
