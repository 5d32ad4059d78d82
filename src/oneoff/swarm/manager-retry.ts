import { setTimeout as pause } from "node:timers/promises";
import { uptime } from "../../engine/clock.ts";
import type { Transport } from "../../engine/transport.ts";
import { isConnectionLoss, isRefusal } from "../../errors/engine.ts";

/** Managers that elect a leader, or have just restarted. */
const NO_LEADER =
  /does not have a leader|no leader|not a leader|lost leadership|raft|context (?:deadline exceeded|canceled)|code = Unavailable|connection error|swarm manager|swarm is (?:encrypted|not)|request timed out/i;

/** Whether a manager may answer the same request soon. */
export const isManagerAway = (error: unknown): boolean =>
  isConnectionLoss(error) || (isRefusal(error, 500, 503) && NO_LEADER.test(error.reason));

/**
 * Retries a request until a manager answers: its engine restarts, or the managers elect a leader. Tasks run on meanwhile.
 * @param request must be safe to repeat. @param onRetry called before the first retry.
 */
export async function retryUntilManaged<T>(
  { timeoutsMs }: Pick<Transport, "timeoutsMs">,
  request: () => Promise<T>,
  onRetry: (error: unknown) => void = () => {},
): Promise<T> {
  let deadline: number | undefined;
  for (;;) {
    try {
      return await request();
    } catch (error) {
      if (!isManagerAway(error)) throw error;
      if (deadline === undefined) onRetry(error);
      deadline ??= uptime() + timeoutsMs.manager / 1000;
      if (uptime() > deadline) throw error;
      await pause(timeoutsMs.reconnectPause);
    }
  }
}
