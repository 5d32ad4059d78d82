import { setTimeout as pause } from "node:timers/promises";

interface RetryOptions {
  readonly maxAttempts: number;
  /** Whether an error is temporary. Other errors are thrown at once. */
  readonly isTemporary: (error: unknown) => boolean;
  /** Pause after the first attempt; the n-th pause is n times as long. */
  readonly pauseMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Retries a request that the engine rejected for a temporary reason. Only for idempotent requests:
 * never to create or start a container.
 */
export async function retry<T>(
  { maxAttempts, isTemporary, pauseMs = 0, signal }: RetryOptions,
  request: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      if (attempt === maxAttempts || !isTemporary(error)) throw error;
      await pause(pauseMs * attempt, undefined, { signal });
    }
  }
}
