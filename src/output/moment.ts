import { age } from "./age.ts";

const HOUR = 3600;

/** `2013/03/13 15:38:08` where we are, with `(~ 1s ago)` for up to 25 hours. Both in seconds since 1970. */
export function moment(then: number, now: number): string {
  const date = new Date(then * 1000);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()];
  const stamp = `${day.map(twoDigits).join("/")} ${time.map(twoDigits).join(":")}`;
  const seconds = Math.floor(now - then);
  if (seconds >= 25 * HOUR) return stamp;
  return `${stamp} (~ ${seconds >= 24 * HOUR ? "24h" : age(seconds)} ago)`;
}

const twoDigits = (number: number) => String(number).padStart(2, "0");
