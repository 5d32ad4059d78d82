const AGE_UNITS = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
] as const;

/** Rounded down to the largest unit: `45s`, `12m`, `3h`, `200d`. */
export function formatAge(seconds: number): string {
  const [unit, length] = AGE_UNITS.find(([, length]) => seconds >= length) ?? ["s", 1];
  return `${Math.floor(Math.max(seconds, 0) / length)}${unit}`;
}

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `0 B`, `512 MiB`, `1.5 GiB` */
export function formatBytes(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), BYTE_UNITS.length - 1);
  return `${Number((bytes / 2 ** (10 * power)).toFixed(1))} ${BYTE_UNITS[power]}`;
}

const DURATION_UNITS = [
  ["h", 3600, Infinity],
  ["m", 60, 60],
  ["s", 1, 60],
] as const;

/** In whole seconds, as options accept it: `24h`, `1h30m`, `1m30s` for 90 seconds. */
export function formatDuration(seconds: number): string {
  const parts = DURATION_UNITS.map(([unit, length, max]) => [Math.floor(seconds / length) % max, unit] as const);
  const nonZero = parts.filter(([count]) => count > 0).map((part) => part.join(""));
  return nonZero.join("") || "0s";
}

/** `0.4 s`, `2 min 5 s` */
export function formatElapsed(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

const HOUR_S = 3600;

/** Local time: `2013/03/13 15:38:08`. @param time in seconds since 1970. */
export function formatTime(time: number): string {
  const date = new Date(time * 1000);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()];
  return `${day.map(twoDigits).join("/")} ${clock.map(twoDigits).join(":")}`;
}

/** Local time, with the age for up to 25 hours: `2013/03/13 15:38:08 (~ 1s ago)`. Both times are in seconds since 1970. */
export function formatTimestamp(then: number, now: number): string {
  const stamp = formatTime(then);
  const seconds = Math.floor(now - then);
  if (seconds >= 25 * HOUR_S) return stamp;
  return `${stamp} (~ ${seconds >= 24 * HOUR_S ? "24h" : formatAge(seconds)} ago)`;
}

const twoDigits = (number: number) => String(number).padStart(2, "0");
