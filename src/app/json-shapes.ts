import { fileProblem } from "../errors/manifest.ts";
import { didYouMean } from "./did-you-mean.ts";
import { complain } from "./manifest/manifest-shapes.ts";
import { record } from "./schema/collections.ts";
import { type Rule, rule } from "./schema/scalars.ts";
import { type Json, type Keys, mapped, read, type Shape, scalar } from "./schema/schema.ts";

/** Any text that can be an argument or a variable. */
export const anyText = rule(/^[^\0]*$/, "a value without NUL characters");

/** A string without interpolation. */
export const string = (rule: Rule): Shape<string> =>
  scalar({
    kinds: ["text"],
    parse: (text) => (rule.test(text) ? text : undefined),
    wanted: rule.wanted,
    expected: "a string",
    verbatim: true,
    json: { type: "string", pattern: rule.pattern.source },
  });

/** An integer from 0. */
export const wholeNumber = (most: number): Shape<number> =>
  scalar({
    kinds: ["number"],
    parse: (text) => (/^\d{1,15}$/.test(text) && Number(text) <= most ? Number(text) : undefined),
    wanted: `a whole number up to ${most}`,
    expected: "a number",
    verbatim: true,
    json: { type: "integer", minimum: 0, maximum: most },
  });

export const trueOrFalse: Shape<boolean> = scalar({
  kinds: ["truth"],
  parse: (text) => text === "true",
  wanted: "true or false",
  verbatim: true,
  json: { type: "boolean" },
});

export const oneOf = <T extends string>(words: readonly T[]): Shape<T> => ({
  ...mapped(
    string(anyText),
    (value, node, name, to) =>
      words.find((word) => word === value) ??
      complain(node, name, fileProblem.oneOf(didYouMean(value, words), words), to),
  ),
  json: () => ({ enum: words }),
});

/** A list that may be empty and may repeat items. */
export const each = <T>(item: Shape<T>): Shape<T[]> => ({
  expected: "a list",
  json: () => ({ type: "array", items: item.json() }),
  kinds: {
    list: ({ items }, name, to) =>
      items.flatMap((node) => {
        const value = read(item, node, name, to);
        return value === undefined ? [] : [value];
      }),
  },
});

/** A map with these keys; other keys, and keys whose value is `null`, are ignored. */
export const open = <T extends Keys>(keys: T, required: readonly (keyof T & string)[] = []) => {
  const known = record(keys, required);
  return {
    ...known,
    json: (): Json => ({ ...known.json(), additionalProperties: true }),
    kinds: {
      map: ((node, name, to) => {
        const isKnown = ({ key, value }: (typeof node.entries)[number]) =>
          Object.hasOwn(keys, key) && value.kind !== "nothing";
        return read(known, { ...node, entries: node.entries.filter(isKnown) }, name, to);
      }) satisfies (typeof known.kinds)["map"],
    },
  } satisfies typeof known;
};
