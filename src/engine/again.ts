import { setTimeout as pause } from "node:timers/promises";

interface Patience {
  /** How often it is asked, in all. */
  readonly times: number;
  /** What is said to pass by itself. Anything else is thrown at once. */
  readonly passes: (error: unknown) => boolean;
  /** Between the first two, in ms; one more of it before each that follows. */
  readonly wait?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks again for what an engine has refused because of something that was going on in it at that moment. Only for what
 * makes the same of the engine however often it is asked for: no container is created or started by it.
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
