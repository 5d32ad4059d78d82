import { setTimeout as pause } from "node:timers/promises";
import { inspectContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { isConnectionLoss, isRefusal } from "../../errors/engine.ts";
import type { OneoffError } from "../../errors/error.ts";
import { engineLost } from "../../errors/session.ts";
import type { OneoffContainer } from "./container.ts";

/** How often a lost engine is asked whether it is back. */
const MAX_TRIES = 6;

/** Asks a lost engine again and again: it may come back. @returns undefined when it has not. @throws what it refuses with. */
export async function onceBack<T>({ timeoutsMs }: Transport, ask: () => Promise<T>): Promise<T | undefined> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    await pause(timeoutsMs.reconnectPause);
    try {
      return await ask();
    } catch (error) {
      if (isRefusal(error, 404)) throw error;
    }
  }
  return undefined;
}

/**
 * Asks again when the connection is lost, as through a proxy that closes idle ones.
 * @param ask changes nothing on the engine, or nothing more when it is done again.
 */
export async function retryUntilReconnected<T>(engine: Transport, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const answer = isConnectionLoss(error) ? await onceBack(engine, async () => ({ value: await ask() })) : undefined;
    if (!answer) throw error;
    return answer.value;
  }
}

/** What became of a one-off whose engine has gone: an engine may come back, and may have kept its containers. */
export async function explainLoss(engine: Transport, container: OneoffContainer, cause: unknown): Promise<OneoffError> {
  try {
    const found = await onceBack(engine, () => inspectContainer(engine, container.id));
    const state = found === undefined ? "unknown" : found.State.Running ? "running" : "ended";
    return engineLost(container.containerName, state, cause);
  } catch {
    return engineLost(container.containerName, "ended", cause);
  }
}
