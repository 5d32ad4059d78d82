import { setTimeout as pause } from "node:timers/promises";
import { inspectContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { isConnectionLoss, isRefusal } from "../../errors/engine.ts";
import type { OneoffError } from "../../errors/error.ts";
import { engineLost } from "../../errors/session.ts";
import type { OneoffContainer } from "./container.ts";

/** Retries until the engine responds. @returns undefined if it does not. @throws OneoffError with status 404. */
export async function pollUntilReconnected<T>(
  { timeoutsMs }: Transport,
  request: () => Promise<T>,
): Promise<T | undefined> {
  for (let paused = 0; paused < timeoutsMs.reconnect; paused += timeoutsMs.reconnectPause) {
    await pause(timeoutsMs.reconnectPause);
    try {
      return await request();
    } catch (error) {
      if (isRefusal(error, 404)) throw error;
    }
  }
  return undefined;
}

/**
 * Retries a request after the connection was lost, e.g. through a proxy that closes idle connections.
 * @param request must be safe to repeat.
 */
export async function retryUntilReconnected<T>(engine: Transport, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    const response = isConnectionLoss(error)
      ? await pollUntilReconnected(engine, async () => ({ value: await request() }))
      : undefined;
    if (!response) throw error;
    return response.value;
  }
}

/** Finds out what happened to a one-off after the connection was lost: the engine may restart and keep its containers. */
export async function diagnoseDisconnect(
  engine: Transport,
  container: OneoffContainer,
  cause: unknown,
): Promise<OneoffError> {
  try {
    const details = await pollUntilReconnected(engine, () => inspectContainer(engine, container.id));
    const state = details === undefined ? "unknown" : details.State.Running ? "running" : "ended";
    return engineLost(container.containerName, state, cause);
  } catch {
    return engineLost(container.containerName, "ended", cause);
  }
}
