import { badQuantity } from "../errors/app.ts";

const FACTORS: Readonly<Record<string, number>> = { "": 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** Maximum length of a quantity, which bounds the backtracking of patterns. */
const maxLength = 40;

/** In seconds: a timer holds at most 2^31 ms. */
export const maxDuration = 24 * 86_400;

/** A delay in milliseconds that a timer can hold; a longer delay would expire at once. */
export const timerMs = (seconds: number): number => Math.min(seconds, maxDuration) * 1000;

export const WANTED = {
  bytes: "a size such as 512m or 2g",
  count: "a whole number such as 100",
  cpus: "a number of processors such as 0.5 or 2",
  duration: "a duration such as 90s, 10m or 1h30m, at most 24d",
  durationOrZero: "0s or a duration such as 2s or 1m, at most 24d",
} as const;

/** Parses `512m`, `1.5g`, `512MiB` or `1073741824` to bytes; undefined for anything else. */
export function bytesOf(text: string): number | undefined {
  if (text.length > maxLength) return undefined;
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Math.round(Number(number) * (FACTORS[unit.toLowerCase()] ?? 1));
  return bytes > 0 && bytes <= Number.MAX_SAFE_INTEGER ? bytes : undefined;
}

/** Parses a number of CPUs such as `1.5` to billionths; undefined for anything else. */
export function nanoCpusOf(text: string): number | undefined {
  const billionths = text.length <= maxLength && /^\d*\.?\d+$/.test(text) ? Math.round(Number(text) * 1e9) : 0;
  return billionths > 0 && billionths <= Number.MAX_SAFE_INTEGER ? billionths : undefined;
}

/** Parses `90s`, `10m`, `1h30m`, `2d` or plain seconds to seconds; undefined for anything else and above 24 days. */
export function secondsOf(text: string): number | undefined {
  if (text.length > maxLength) return undefined;
  const [whole, d = 0, h = 0, m = 0, s = 0] = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/.exec(text) ?? [];
  const seconds = whole ? Number(d) * 86_400 + Number(h) * 3600 + Number(m) * 60 + Number(s) : 0;
  return seconds > 0 && seconds <= maxDuration ? seconds : undefined;
}

/** The same, or 0. */
export const secondsOrZeroOf = (text: string): number | undefined =>
  text.length <= maxLength && /^0+s?$/.test(text) ? 0 : secondsOf(text);

/** Parses an integer from 1; undefined for anything else. */
export function countOf(text: string): number | undefined {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  return count > 0 ? count : undefined;
}

/** @throws `bad-quantity` with the option. */
const orRefuse = (of: (text: string) => number | undefined, wanted: string) => (text: string, option: string) => {
  const value = of(text);
  if (value === undefined) throw badQuantity(option, text, wanted);
  return value;
};

export const parseBytes = orRefuse(bytesOf, WANTED.bytes);
export const parseNanoCpus = orRefuse(nanoCpusOf, WANTED.cpus);
export const parseCount = orRefuse(countOf, WANTED.count);
/** @returns seconds. */
export const parseDuration = orRefuse(secondsOf, WANTED.duration);
