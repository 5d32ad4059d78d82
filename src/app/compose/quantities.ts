const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  "\u00b5s": 1000n,
  "\u03bcs": 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
};

const MAX_INT = 2n ** 63n - 1n;
/** Maximum length of a quantity, which bounds the backtracking of patterns. */
const MAX_LENGTH = 100;

/** A duration in nanoseconds; undefined for anything but e.g. `1m30s` and `1.5h`. */
export function nanosecondsOf(text: string): bigint | undefined {
  const [, sign, rest = ""] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (rest === "0") return 0n;
  if (text.length > MAX_LENGTH || !/^((\d+\.?\d*|\.\d+)[^\d.]+)+$/.test(rest)) return undefined;
  let total = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of rest.matchAll(/(\d*)\.?(\d*)([^\d.]+)/g)) {
    const factor = UNITS[unit];
    if (factor === undefined) return undefined;
    total += BigInt(whole) * factor;
    if (fraction !== "") total += BigInt(Math.trunc(Number(fraction) * (Number(factor) / 10 ** fraction.length)));
  }
  if (total > MAX_INT) return undefined;
  return sign === "-" ? -total : total;
}

/** As Go writes it: `1h0m0s`, `1.5s`, `100ms`. */
export function durationText(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? "-" : "";
  const total = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (total === 0n) return "0s";
  const part = (unit: bigint) => {
    const fraction = (total % unit)
      .toString()
      .padStart(unit.toString().length - 1, "0")
      .replace(/0+$/, "");
    return `${total / unit}${fraction && `.${fraction}`}`;
  };
  if (total < 1000n) return `${sign}${total}ns`;
  if (total < 1_000_000n) return `${sign}${part(1000n)}\u00b5s`;
  if (total < 1_000_000_000n) return `${sign}${part(1_000_000n)}ms`;
  const fraction = (total % 1_000_000_000n).toString().padStart(9, "0").replace(/0+$/, "");
  const seconds = total / 1_000_000_000n;
  const [hours, minutes] = [seconds / 3600n, (seconds / 60n) % 60n];
  const rest = `${seconds % 60n}${fraction && `.${fraction}`}s`;
  return `${sign}${hours > 0n ? `${hours}h` : ""}${seconds >= 60n ? `${minutes}m` : ""}${rest}`;
}

const BINARY: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
  p: 2 ** 50,
};

/** A size such as `64m`, `1.5 GiB` or `100`; undefined for anything else, also for negative ones. */
export function sizeOf(text: string): bigint | undefined {
  const [, number = "", unit = ""] = /^\+?(\d+\.?\d*|\.\d+) ?(b|[kmgtp](?:i?b)?)?$/i.exec(text) ?? [];
  const factor = BINARY[unit.charAt(0).toLowerCase()];
  if (text.length > MAX_LENGTH || number === "" || factor === undefined) return undefined;
  const size = Math.trunc(Number(number) * factor);
  return size <= Number(MAX_INT) ? BigInt(size) : undefined;
}
