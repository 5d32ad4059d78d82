import { setTimeout as pause } from "node:timers/promises";
import { inspectContainer } from "../engine/containers.ts";
import type { Transport } from "../engine/transport.ts";
import { engineLost, isRefusal, type OneoffError } from "../errors.ts";
import type { OneoffContainer } from "./container.ts";

/** How often, and with pauses of how many milliseconds, a lost engine is asked whether the one-off lives on. */
const TRIES = 6;
const PAUSE = 500;

/** What became of a one-off whose engine has gone: an engine may come back, and may have kept its containers. */
export async function explainLoss(engine: Transport, container: OneoffContainer, cause: unknown): Promise<OneoffError> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    await pause(PAUSE);
    try {
      const { State } = await inspectContainer(engine, container.id);
      return engineLost(container.containerName, State.Running ? "running" : "ended", cause);
    } catch (error) {
      if (isRefusal(error, 404)) return engineLost(container.containerName, "ended", cause);
    }
  }
  return engineLost(container.containerName, "unknown", cause);
}
