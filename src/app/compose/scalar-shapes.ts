import { composeProblem } from "../../errors/compose.ts";
import { anyOf } from "../../text/quoted.ts";
import { floatOf, integerOf, truthOf } from "./interpolation.ts";
import type { Wrong } from "./merge.ts";
import type { Path } from "./path-rules.ts";
import { durationText, nanosecondsOf, sizeOf } from "./quantities.ts";
import { expecting, kinds, type Shape } from "./shape.ts";
import { printed, type Value } from "./value.ts";

/** Text of a scalar; Compose accepts an integer for a text in some places. */
const textOf = (value: Value | undefined, path: Path, wrong: Wrong): string => {
  if (typeof value === "string") return value;
  if (typeof value === "bigint") return String(value);
  return wrong(path, composeProblem.expected("a string"));
};

const writeText: Shape["write"] = (value, path, wrong) =>
  value === undefined || value === null ? undefined : textOf(value, path, wrong) || undefined;

/** An empty text is the same as none. */
export const text = kinds(writeText, { text: true });

/** An item of a list, which may be empty. */
export const word = kinds(textOf, { text: true });

export const wordOrNumber = kinds(textOf, { text: true, number: true });

export const textOrNothing = kinds(writeText, { text: true, nothing: true });

export const textOrNumber = kinds(writeText, { text: true, number: true });

export const oneOf = (...texts: readonly string[]): Shape =>
  kinds(writeText, { text: expecting((value) => texts.includes(value as string), anyOf(texts)) });

export const pattern = (test: RegExp, expected: string): Shape =>
  kinds(writeText, { text: expecting((value) => test.test(value as string), expected) });

/** Written without quotes. */
const converted =
  <T>(convert: (value: Value) => T | undefined, expected: string, isEmpty: (value: T) => boolean): Shape["write"] =>
  (value, path, wrong) => {
    if (value === undefined || value === null) return undefined;
    const written = convert(value) ?? wrong(path, composeProblem.expected(expected));
    return isEmpty(written) ? undefined : written;
  };

const toTruth = (value: Value) => {
  const truth = typeof value === "string" ? truthOf(value) : value;
  return typeof truth === "boolean" ? truth : undefined;
};

/** Without a value it is false. */
export const flag = kinds(
  converted(toTruth, "true or false", (value) => !value),
  { truth: true, text: true },
);

/** Without a value it is neither true nor false. */
export const choice = kinds(
  converted(toTruth, "true or false", () => false),
  { truth: true, text: true },
);

/** Not a text. */
export const plainFlag = kinds(flag.write, { truth: true });

const isWhole = (value: Value) => typeof value === "bigint" || Number.isInteger(value);

const toInteger = (value: Value) => {
  const integer = typeof value === "string" ? integerOf(value) : value;
  return typeof integer === "bigint" || typeof integer === "number" ? Math.trunc(Number(integer)) : undefined;
};

interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** @param options.isKept whether 0 is written. */
export const integer = ({ min, max, isKept }: Range & { readonly isKept?: boolean } = {}): Shape =>
  kinds(
    converted(toInteger, "an integer", (value) => value === 0 && !isKept),
    {
      number: expecting(
        (value) => isWhole(value) && Number(value) >= (min ?? -Infinity) && Number(value) <= (max ?? Infinity),
        min === undefined ? "an integer" : `an integer from ${min}${max === undefined ? "" : ` to ${max}`}`,
      ),
      text: true,
    },
  );

/** Any number, of which Compose uses the integer. */
export const count = ({ isKept }: { readonly isKept?: boolean } = {}): Shape =>
  kinds(
    converted(toInteger, "an integer", (value) => value === 0 && !isKept),
    { number: true, text: true },
  );

/** A number from 0, or a text that a variable has replaced. */
export const unsigned = ({ isKept }: { readonly isKept?: boolean } = {}): Shape =>
  kinds(
    converted(
      (value) => (typeof value !== "string" && Number(value) >= 0 ? toInteger(value) : undefined),
      "a number from 0",
      (value) => value === 0 && !isKept,
    ),
    { number: true, text: true },
  );

/** The shortest text of the nearest number with 32 bits. */
function single(value: number): number {
  const near = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(near.toPrecision(digits));
    if (Math.fround(short) === near) return short;
  }
  return Number(near.toPrecision(9));
}

export const float = kinds(
  converted(
    (value) => {
      const number = typeof value === "string" ? floatOf(value) : value;
      return typeof number === "bigint" || typeof number === "number" ? single(Number(number)) : undefined;
    },
    "a number",
    (value) => value === 0,
  ),
  { number: true, text: true },
);

const toSize = (value: Value) => (typeof value === "string" ? sizeOf(value) : typeof value === "bigint" ? value : 0n);

const writeSize = (isKept: boolean) =>
  converted(
    (value) => toSize(value)?.toString(),
    "a size such as 64m",
    (size) => size === "0" && !isKept,
  );

export const size = kinds(writeSize(false), { number: true, text: true });

export const textSize = kinds(writeSize(false), { text: true });

/** Also written if it is 0. */
export const keptSize = kinds((value, path, wrong) => writeSize(true)(value ?? 0n, path, wrong), {
  number: true,
  text: true,
});

/** @param options.isKept whether `0s` is written. */
export const duration = ({ isKept = true }: { readonly isKept?: boolean } = {}): Shape =>
  kinds(
    converted(
      (value) => {
        const nanoseconds = nanosecondsOf(printed(value));
        return nanoseconds === undefined ? undefined : durationText(nanoseconds);
      },
      "a duration such as 1m30s",
      (written) => written === "0s" && !isKept,
    ),
    { text: true },
  );
