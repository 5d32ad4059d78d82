import { type Shape, scalar } from "./schema.ts";

/** A condition for strings; `wanted` completes "expected …". */
export interface Rule {
  test(text: string): boolean;
  /** The condition as a pattern for editors, which may accept more. */
  readonly pattern: RegExp;
  readonly wanted: string;
}

export const rule = (pattern: RegExp, wanted: string, most = Number.POSITIVE_INFINITY): Rule => ({
  test: (text) => text.length <= most && pattern.test(text),
  pattern,
  wanted,
});

const parseBy = (rule: Rule) => (text: string) => (rule.test(text) ? text : undefined);

/** A pattern that also accepts variables, whose values are unknown. */
const orVariable = ({ pattern }: Rule) => ({ type: "string", pattern: `${pattern.source}|\\$` });

/** A string with interpolation. */
export const text = (rule: Rule): Shape<string> =>
  scalar({
    kinds: ["text"],
    parse: parseBy(rule),
    wanted: rule.wanted,
    expected: "a string",
    json: orVariable(rule),
  });

/** A string, number or boolean as it is written (`1.10`, `True`), with interpolation. */
export const written = (rule: Rule): Shape<string> =>
  scalar({
    kinds: ["text", "number", "truth"],
    parse: parseBy(rule),
    wanted: rule.wanted,
    expected: "a string",
    json: { anyOf: [orVariable(rule), { type: ["number", "boolean"] }] },
  });

/** A string, number or boolean as it is written, without interpolation: a shell in the container expands its `$`. */
export const verbatim = (rule: Rule): Shape<string> =>
  scalar({
    kinds: ["text", "number", "truth"],
    parse: parseBy(rule),
    wanted: rule.wanted,
    expected: "a string",
    verbatim: true,
    json: { type: ["string", "number", "boolean"] },
  });

/** A number, or a string with a number and an optional unit. */
export const quantity = (parse: (text: string) => number | undefined, wanted: string): Shape<number> =>
  scalar({ kinds: ["text", "number"], parse, wanted, json: { type: ["string", "number"] } });

/** `true` or `false`, or a variable with one of these values. */
export const truth: Shape<boolean> = scalar({
  kinds: ["truth", "text"],
  parse: (text) => (/^(true|false)$/i.test(text) ? text.toLowerCase() === "true" : undefined),
  wanted: "true or false",
  json: { anyOf: [{ type: "boolean" }, { type: "string", pattern: "\\$" }] },
});
