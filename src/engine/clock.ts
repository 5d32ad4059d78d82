/**
 * The engine's clock. Answers have its time in whole seconds; time since then is measured by a monotonic
 * clock. The local clock may differ from the engine's.
 */
export interface EngineClock {
  /** Records the `Date` header of an answer. */
  note(date: string | undefined): void;
  /** Seconds since 1970, never ahead of the engine; -Infinity before the first answer, so that nothing is due. */
  passed(): number;
  /** For display and order: the local time if it agrees with the engine's, else the engine's time. */
  now(): number;
}

/** An answer may be late by this time; an earlier `Date` means that the clock was set. */
const SLOWNESS_S = 2;

/** Maximum difference of agreeing clocks, because of whole seconds and slow answers. */
const TOLERANCE_S = 2;

/** @param local the local time in seconds since 1970. @param monotonic in seconds. */
export function engineClock(local = () => 0, monotonic = uptime): EngineClock {
  let offset: number | undefined;
  const passed = () => (offset === undefined ? -Infinity : offset + monotonic());
  return {
    note(date) {
      const time = Date.parse(date ?? "") / 1000;
      if (Number.isNaN(time)) return;
      // Whole seconds are rounded down, so the latest time of agreeing answers is the most precise.
      if (time > passed() || time < passed() - SLOWNESS_S) offset = time - monotonic();
    },
    passed,
    now() {
      const [localTime, least] = [local(), passed()];
      return offset === undefined || (localTime >= least && localTime <= least + TOLERANCE_S) ? localTime : least;
    },
  };
}

/** Seconds of a monotonic clock. */
export function uptime(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds + nanoseconds / 1e9;
}
