import { setTimeout as pause } from "node:timers/promises";
import { inspectContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import type { WaitResult } from "../../engine/types.ts";
import { outputCut } from "../../errors/io.ts";

/** How long to wait for the exit code after the output has ended, before the container is inspected. */
const EXIT_CODE_DELAY_MS = 100;

/** Podman may record the exit code later. */
const PODMAN_EXIT_CODE_DELAY_MS = 2_000;

/**
 * An engine records the exit of a command before it ends the output, even if the command has closed its stdout. Output
 * that ends while the command runs was cut, and the output itself does not show that.
 */
export async function exitAfterOutput(engine: Transport, id: string, exit: Promise<WaitResult>): Promise<WaitResult> {
  const delayMs = engine.quirks.missesExits ? PODMAN_EXIT_CODE_DELAY_MS : EXIT_CODE_DELAY_MS;
  const result = await Promise.race([exit, pause(delayMs, undefined, { ref: false })]);
  if (result) return result;
  const isRunning = inspectContainer(engine, id).then(
    ({ State }) => State.Running,
    // A removed container has exited. For other errors, the connection of the exit code reports the cause.
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
