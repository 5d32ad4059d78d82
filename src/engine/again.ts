import { setTimeout as pause } from "node:timers/promises";

interface Patience {
  /** Maximum number of attempts. */
  readonly times: number;
  /** Whether an error is temporary. Other errors are thrown at once. */
  readonly passes: (error: unknown) => boolean;
  /** Pause after the first attempt in ms; the n-th pause is n times as long. */
  readonly wait?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Retries a request that the engine rejected for a temporary reason. Only for idempotent requests:
 * never to create or start a container.
 */
export async function again<T>({ times, passes, wait = 0, signal }: Patience, ask: () => Promise<T>): Promise<T> {
  for (let asked = 1; ; asked += 1) {
    try {
      return await ask();
    } catch (error) {
      if (asked === times || !passes(error)) throw error;
      await pause(wait * asked, undefined, { signal });
    }
  }
}
