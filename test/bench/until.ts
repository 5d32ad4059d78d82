import { setTimeout as sleep } from "node:timers/promises";

const TIMEOUT_MS = 60_000;

/** Waits until `look` returns true. */
export const until = async (what: string, look: () => Promise<boolean>, pauseMs = 10): Promise<void> => {
  const deadline = Date.now() + TIMEOUT_MS;
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`Not within ${TIMEOUT_MS / 1000} s: ${what}`);
    await sleep(pauseMs);
  }
};
