/**
 * A value of a Compose file. Compose treats integers and floating-point numbers differently, so integers are `bigint`s and
 * numbers are always floating-point numbers. Maps have no prototype: a key may be `constructor`.
 */
export type Value = null | boolean | bigint | number | string | Value[] | ValueMap;

export interface ValueMap {
  [key: string]: Value;
}

export const isMap = (value: Value | undefined): value is ValueMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const mapOf = (entries: Iterable<readonly [string, Value]>): ValueMap => {
  const map: ValueMap = Object.create(null);
  for (const [key, value] of entries) map[key] = value;
  return map;
};

/** The map at this key; undefined for other values. */
export const mapAt = (map: ValueMap | undefined, key: string): ValueMap | undefined => {
  const value = map?.[key];
  return isMap(value) ? value : undefined;
};

/** The list at this key; empty for other values. */
export const listAt = (map: ValueMap | undefined, key: string): readonly Value[] => {
  const value = map?.[key];
  return Array.isArray(value) ? value : [];
};

export const textAt = (map: ValueMap | undefined, key: string): string | undefined => {
  const value = map?.[key];
  return typeof value === "string" ? value : undefined;
};

export function isEqual(one: Value | undefined, other: Value | undefined): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, index) => isEqual(item, other[index]));
  if (!isMap(one) || !isMap(other)) return one === other;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length && keys.every((key) => key in other && isEqual(one[key], other[key]))
  );
}

/** A scalar as Go prints it. */
export function printed(value: Value): string {
  if (value === null) return "<nil>";
  return typeof value === "number" ? printedFloat(value) : String(value);
}

/** Go prints an exponent from 10^6 and below 10^-4. */
function printedFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const [, digits = "", exponent = "0"] = /^(.*)e(.*)$/.exec(value.toExponential()) ?? [];
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
