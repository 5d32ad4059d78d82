import type { Value } from "./value.ts";

const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...["", "~", "null", "Null", "NULL"].map((text) => [text, null] as const),
  ...["true", "True", "TRUE"].map((text) => [text, true] as const),
  ...["false", "False", "FALSE"].map((text) => [text, false] as const),
  ...[".nan", ".NaN", ".NAN"].map((text) => [text, Number.NaN] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((text) => [text, Number.POSITIVE_INFINITY] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((text) => [text, Number.NEGATIVE_INFINITY] as const),
]);

const INTEGER = /^([-+]?)(0[xX][\da-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]+|0|[1-9]\d*)$/;
const FLOAT = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/;
const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;
const MAX_UNSIGNED = 2n ** 64n - 1n;

/** A date as `2006-01-02`, which Compose rejects. */
export const isTimestamp = (text: string): boolean =>
  /^\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[-+]\d\d:\d\d)?)?$/.test(text);

/** A scalar without quotes, in the dialect of Compose's YAML library: `022` is octal, `1_000` has an underscore, `yes` is text. */
export function plainScalar(text: string): Value {
  const constant = CONSTANTS.get(text);
  if (constant !== undefined) return constant;
  if (!/^[-+.\d]/.test(text)) return text;
  const compact = text.replaceAll("_", "");
  return integer(compact) ?? float(text.startsWith(".") ? text : compact) ?? text;
}

function integer(text: string): bigint | undefined {
  const [, sign = "", digits] = INTEGER.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const size = BigInt(digits.replace(/^0(?=[0-7])/, "0o"));
  const value = sign === "-" ? -size : size;
  return value >= MIN_INT && value <= (sign === "" ? MAX_UNSIGNED : MAX_INT) ? value : undefined;
}

function float(text: string): number | undefined {
  const value = FLOAT.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}
