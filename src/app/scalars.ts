import { type Shape, scalar } from "./schema.ts";

/** What a string must be like; `wanted` completes "expected …". */
export interface Rule {
  test(text: string): boolean;
  /** For editors, the same as far as a pattern goes. */
  readonly pattern: RegExp;
  readonly wanted: string;
}

export const rule = (pattern: RegExp, wanted: string, most = Number.POSITIVE_INFINITY): Rule => ({
  test: (text) => text.length <= most && pattern.test(text),
  pattern,
  wanted,
});

const kept = (rule: Rule) => (text: string) => (rule.test(text) ? text : undefined);

/** A variable may still make it what it has to be. */
const orVariable = ({ pattern }: Rule) => ({ type: "string", pattern: `${pattern.source}|\\$` });

/** A string with variables filled in. */
export const text = (rule: Rule): Shape<string> =>
  scalar({
    kinds: ["text"],
    parse: kept(rule),
    wanted: rule.wanted,
    expected: "a string",
    json: orVariable(rule),
  });

/** A string, number or truth value as it is written, `1.10` with its zero and `True` with its capital, variables filled in. */
export const written = (rule: Rule): Shape<string> =>
  scalar({
    kinds: ["text", "number", "truth"],
    parse: kept(rule),
    wanted: rule.wanted,
    expected: "a string",
    json: { anyOf: [orVariable(rule), { type: ["number", "boolean"] }] },
  });

/** The same, its `$` left to a shell in the container. */
export const verbatim = (rule: Rule): Shape<string> =>
  scalar({
    kinds: ["text", "number", "truth"],
    parse: kept(rule),
    wanted: rule.wanted,
    expected: "a string",
    verbatim: true,
    json: { type: ["string", "number", "boolean"] },
  });

/** A number, or a string that says one, perhaps with a unit. */
export const quantity = (parse: (text: string) => number | undefined, wanted: string): Shape<number> =>
  scalar({ kinds: ["text", "number"], parse, wanted, json: { type: ["string", "number"] } });

/** `true` or `false`, or a variable that is one of them. */
export const truth: Shape<boolean> = scalar({
  kinds: ["truth", "text"],
  parse: (text) => (/^(true|false)$/i.test(text) ? text.toLowerCase() === "true" : undefined),
  wanted: "true or false",
  json: { anyOf: [{ type: "boolean" }, { type: "string", pattern: "\\$" }] },
});
