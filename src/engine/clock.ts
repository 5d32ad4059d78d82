/**
 * The engine's clock. Its answers tell it in whole seconds, and what has passed since is measured by a clock that nobody
 * sets. Our own time says nothing of when something has happened there.
 */
export interface EngineClock {
  /** Takes the `Date` of an answer. */
  note(date: string | undefined): void;
  /** In seconds since 1970, never later than it is there; -Infinity until the engine has told: nothing is due then. */
  passed(): number;
  /** For people to read, and to put in order: our time, where the engine's may be the same; or else what has passed there. */
  now(): number;
}

/** By how much an answer may tell an earlier time than the ones before it, in seconds: it was slow. More is another clock. */
const SLOWNESS_S = 2;

/** Our clock is right where it is ahead of what the engine has told by no more, in seconds: whole seconds, and a slow answer. */
const TOLERANCE_S = 2;

/** @param local our time, in seconds since 1970. @param monotonic in seconds, from any moment on. */
export function engineClock(local = () => 0, monotonic = uptime): EngineClock {
  let offset: number | undefined;
  const passed = () => (offset === undefined ? -Infinity : offset + monotonic());
  return {
    note(date) {
      const told = Date.parse(date ?? "") / 1000;
      if (Number.isNaN(told)) return;
      // Whole seconds are rounded down: of answers that agree the latest says most.
      if (told > passed() || told < passed() - SLOWNESS_S) offset = told - monotonic();
    },
    passed,
    now() {
      const [ours, least] = [local(), passed()];
      return offset === undefined || (ours >= least && ours <= least + TOLERANCE_S) ? ours : least;
    },
  };
}

/** In seconds from any moment on, by a clock that nobody sets. */
export function uptime(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds + nanoseconds / 1e9;
}
