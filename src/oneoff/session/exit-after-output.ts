import { setTimeout as pause } from "node:timers/promises";
import { inspectContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import type { WaitResult } from "../../engine/types.ts";
import { outputCut } from "../../errors/io.ts";

/** How long after its output the end of a command is waited for without a question, in milliseconds. */
const EXIT_AFTER_OUTPUT_MS = 100;

/** The same for Podman, which may note the end a moment after its output. */
const LATE_EXIT_AFTER_OUTPUT_MS = 2_000;

/**
 * An engine notes a command's end before it ends the command's output, whatever the command does with its own stdout:
 * output that ends while it runs was cut, at a place where nothing shows it.
 */
export async function exitAfterOutput(engine: Transport, id: string, exit: Promise<WaitResult>): Promise<WaitResult> {
  const grace = engine.dialect.missesExits ? LATE_EXIT_AFTER_OUTPUT_MS : EXIT_AFTER_OUTPUT_MS;
  const known = await Promise.race([exit, pause(grace, undefined, { ref: false })]);
  if (known) return known;
  const isRunning = inspectContainer(engine, id).then(
    ({ State }) => State.Running,
    // One that was removed has ended; why anything else is not known is told by the exit code's own connection.
    () => false,
  );
  return await Promise.race([
    exit,
    isRunning.then((running) => {
      if (running) throw outputCut();
      return exit;
    }),
  ]);
}
