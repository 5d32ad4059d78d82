import { badQuantity } from "../errors.ts";

const FACTORS: Readonly<Record<string, number>> = { "": 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** `512m`, `1.5g`, `1073741824`, with an optional `b` or `ib` as in `512MiB`, as bytes. */
export function parseBytes(text: string, option: string): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Math.round(Number(number) * (FACTORS[unit.toLowerCase()] ?? 1));
  if (number === "" || bytes <= 0) throw badQuantity(option, text, "a size such as 512m or 2g");
  return bytes;
}

/** `1.5` processors as the engine counts them, in billionths. */
export function parseNanoCpus(text: string, option: string): number {
  const nanoCpus = /^\d*\.?\d+$/.test(text) ? Math.round(Number(text) * 1e9) : 0;
  if (nanoCpus <= 0) throw badQuantity(option, text, "a number of processors such as 0.5 or 2");
  return nanoCpus;
}
