import { fileProblem } from "../../errors/manifest.ts";
import { didYouMean } from "../did-you-mean.ts";
import type { Rule } from "./scalars.ts";
import { type Key, type Keys, read, type Shape } from "./schema.ts";

/** A list of distinct values. @param identity the key that must be distinct. */
export const listOf = <T>(item: Shape<T>, identity: (value: T) => string): Shape<T[]> => ({
  expected: "a list",
  json: () => ({ type: "array", items: item.json(), minItems: 1 }),
  kinds: {
    list: ({ at, items }, name, to) => {
      const values = new Map<string, T>();
      if (items.length === 0) to.wrong(at, fileProblem.emptyList(name));
      for (const node of items) {
        const value = read(item, node, name, to);
        if (value === undefined) continue;
        if (values.has(identity(value))) to.wrong(node.at, fileProblem.twiceInList(identity(value)));
        values.set(identity(value), value);
      }
      return [...values.values()];
    },
  },
});

/** A map with arbitrary keys. */
export const mapOf = <T>(names: Rule, item: Shape<T>): Shape<Map<string, T>> => ({
  expected: "a map",
  json: () => ({
    type: "object",
    patternProperties: { [names.pattern.source]: item.json() },
    additionalProperties: false,
  }),
  kinds: {
    map: ({ entries }, _name, to) => {
      const map = new Map<string, T>();
      for (const { key, at, value } of entries) {
        if (!names.test(key)) to.wrong(at, fileProblem.expected(key, names.wanted));
        const entry = read(item, value, key, to);
        if (entry !== undefined) map.set(key, entry);
      }
      return map;
    },
  },
});

type Values<T extends Keys> = { -readonly [K in keyof T]?: T[K] extends Key<infer V> ? V : never };

/** A map with known keys. */
export const record = <T extends Keys>(keys: T, required: readonly (keyof T & string)[] = []): Shape<Values<T>> => ({
  keys,
  expected: "a map",
  json: () => ({
    type: "object",
    properties: Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, documented(key)])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  }),
  kinds: {
    map: ({ at, entries }, name, to) => {
      const known = Object.keys(keys);
      const values: Record<string, unknown> = {};
      for (const { key, at, value } of entries) {
        const shape = Object.hasOwn(keys, key) ? keys[key]?.shape : undefined;
        const part = shape && read(shape, value, key, to);
        if (part !== undefined) values[key] = part;
        if (!shape) to.wrong(at, fileProblem.unknownKey(key, didYouMean(key, known), known));
      }
      for (const key of required) {
        if (!entries.some((entry) => entry.key === key)) to.wrong(at, fileProblem.missing(name, [key]));
      }
      return values as Values<T>;
    },
  },
});

const documented = ({ shape, about, default: unset }: Key<unknown>) => ({
  description: unset === undefined ? about : `${about} Default: ${unset}.`,
  ...shape.json(),
});
