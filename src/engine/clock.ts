/**
 * The engine's clock. Its answers tell it in whole seconds, and what has passed since is measured by a clock that nobody
 * sets. Our own time says nothing of when something has happened there.
 */
export interface EngineClock {
  /** Takes the `Date` of an answer. */
  note(date: string | undefined): void;
  /** In seconds since 1970, never later than it is there; -Infinity until the engine has told: nothing is due then. */
  passed(): number;
  /** The same for people to read: of an engine that tells no time it is ours. */
  now(): number;
}

/** By how much an answer may tell an earlier time than the ones before it, in seconds: it was slow. More is another clock. */
const SLOWNESS_S = 2;

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
    now: () => (offset === undefined ? local() : passed()),
  };
}

/** In seconds from any moment on, by a clock that nobody sets. */
export function uptime(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds + nanoseconds / 1e9;
}
