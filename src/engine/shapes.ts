/** Checks a part of an answer. @returns the problem, e.g. `expected a list at [0].Names, found null`. */
export type Shape = (value: unknown, at: string) => string | undefined;

const kindOf = (value: unknown): string => {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
};

const expected = (what: string, at: string, value: unknown) =>
  `expected ${what}${at === "" ? "" : ` at ${at}`}, found ${kindOf(value)}`;

const primitive =
  (type: "string" | "number" | "boolean"): Shape =>
  (value, at) =>
    typeof value === type ? undefined : expected(`a ${type}`, at, value);

export const text = primitive("string");
export const number = primitive("number");
export const boolean = primitive("boolean");

/** Maximum of a Date in seconds since 1970. */
const MAX_SECONDS = 8.64e12;

/** A time in seconds since 1970. */
export const seconds: Shape = (value, at) =>
  typeof value === "number" && Math.abs(value) <= MAX_SECONDS ? undefined : expected("a time", at, value);

/** A time as text, or an empty string. */
export const moment: Shape = (value, at) =>
  value === "" || (typeof value === "string" && !Number.isNaN(Date.parse(value)))
    ? undefined
    : expected("a time", at, value);

/** Also accepts null, which Go writes for empty values, and absent values. */
export const optional =
  (shape: Shape): Shape =>
  (value, at) =>
    value === null || value === undefined ? undefined : shape(value, at);

export const listOf =
  (item: Shape): Shape =>
  (value, at) => {
    if (!Array.isArray(value)) return expected("a list", at, value);
    for (const [index, one] of value.entries()) {
      const problem = item(one, `${at}[${index}]`);
      if (problem) return problem;
    }
    return undefined;
  };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const below = (at: string, key: string) => (at === "" ? key : `${at}.${key}`);

/** An object with at least these fields. */
export const object =
  (shapes: Readonly<Record<string, Shape>>): Shape =>
  (value, at) => {
    if (!isObject(value)) return expected("an object", at, value);
    for (const [key, shape] of Object.entries(shapes)) {
      const problem = shape(value[key], below(at, key));
      if (problem) return problem;
    }
    return undefined;
  };

export const mapOf =
  (item: Shape): Shape =>
  (value, at) => {
    if (!isObject(value)) return expected("an object", at, value);
    for (const [key, one] of Object.entries(value)) {
      const problem = item(one, below(at, key));
      if (problem) return problem;
    }
    return undefined;
  };
