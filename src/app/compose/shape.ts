import { composeProblem } from "../../errors/compose.ts";
import { fileProblem } from "../../errors/manifest.ts";
import { didYouMean } from "../did-you-mean.ts";
import { KIND_NAMES } from "../schema/schema.ts";
import type { Wrong } from "./merge.ts";
import { itemKey, type Path } from "./path-rules.ts";
import { isEqual, isMap, type Value } from "./value.ts";

/** The type of a value. */
export interface Shape {
  readonly kinds: readonly Kind[];
  /** Checks a value as it is written, in any of its forms. */
  readonly check: (value: Value, path: Path, wrong: Wrong) => void;
  /**
   * Converts a value in its long form.
   * @param value undefined if there is none.
   * @returns undefined for a value that Compose leaves out.
   */
  readonly write: (value: Value | undefined, path: Path, wrong: Wrong) => unknown;
}

type Kind = "text" | "number" | "truth" | "list" | "map" | "nothing";

function kindOf(value: Value): Kind {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "list";
  if (typeof value === "object") return "map";
  return typeof value === "string" ? "text" : typeof value === "boolean" ? "truth" : "number";
}

type Checks = { readonly [K in Kind]?: Shape["check"] | true };

/** A value of one of these kinds. @param checks further conditions by kind. */
export const kinds = (write: Shape["write"], checks: Checks): Shape => {
  const names = Object.keys(checks) as Kind[];
  return {
    kinds: names,
    check: (value, path, wrong) => {
      const check = checks[kindOf(value)];
      if (check === undefined)
        wrong(
          path,
          fileProblem.kind("", names.map((kind) => KIND_NAMES[kind]).join(" or "), KIND_NAMES[kindOf(value)]),
        );
      else if (check !== true) check(value, path, wrong);
    },
    write,
  };
};

/** The same values, and other forms of them. */
export const or = (shape: Shape, checks: Checks): Shape =>
  kinds(shape.write, { ...Object.fromEntries(shape.kinds.map((kind) => [kind, shape.check])), ...checks });

/** A shape whose long form is converted otherwise. */
export const writing = (shape: Shape, write: Shape["write"]): Shape => ({ ...shape, write });

/** Fails with `problem` unless the condition holds. */
export const expecting =
  (test: (value: Value) => boolean, expected: string): Shape["check"] =>
  (value, path, wrong) => {
    if (!test(value)) wrong(path, composeProblem.expected(expected));
  };

export const listOf = (item: Shape, options: { readonly unique?: boolean } = {}): Shape =>
  kinds(
    (value, path, wrong) => {
      const items = Array.isArray(value) ? value : [];
      return items.length === 0 ? undefined : items.map((one, index) => item.write(one, at(path, index), wrong));
    },
    {
      list: (value, path, wrong) => {
        const items = value as Value[];
        for (const [index, one] of items.entries()) {
          item.check(one, at(path, index), wrong);
          const isRepeated = options.unique && items.slice(0, index).some((other) => isEqual(one, other));
          if (isRepeated) wrong(at(path, index), composeProblem.repeated());
        }
      },
    },
  );

const at = (path: Path, index: number) => [...path, itemKey(index)];

/** A map with arbitrary keys. */
export const mapOfAny = (item: Shape, names?: RegExp): Shape =>
  kinds(
    (value, path, wrong) => {
      const entries = isMap(value) ? Object.entries(value) : [];
      if (entries.length === 0) return undefined;
      return Object.fromEntries(entries.map(([key, one]) => [key, item.write(one, [...path, key], wrong)]));
    },
    {
      map: (value, path, wrong) => {
        for (const [key, one] of Object.entries(value as object)) {
          if (names && !names.test(key)) wrong([...path, key], composeProblem.name(key));
          item.check(one, [...path, key], wrong);
        }
      },
    },
  );

export type Fields = Readonly<Record<string, Shape>>;

/** A map with known keys, and keys that begin with `x-`. */
export const struct = (
  fields: Fields,
  options: { readonly required?: readonly string[]; readonly isKept?: boolean; readonly strict?: boolean } = {},
): Shape =>
  kinds(
    (value, path, wrong) => {
      if (!isMap(value) && !options.isKept) return undefined;
      const map = isMap(value) ? value : {};
      const entries = Object.entries(fields).map(([key, field]) => [key, field.write(map[key], [...path, key], wrong)]);
      return Object.fromEntries(entries.filter(([, written]) => written !== undefined));
    },
    {
      map: (value, path, wrong) => {
        const map = value as Readonly<Record<string, Value>>;
        for (const [key, one] of Object.entries(map)) {
          const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
          if (field) field.check(one, [...path, key], wrong);
          else if (options.strict || !key.startsWith("x-")) {
            const known = Object.keys(fields);
            wrong([...path, key], composeProblem.unknownKey(key, didYouMean(key, known)));
          }
        }
        const missing = (options.required ?? []).filter((key) => map[key] === undefined);
        if (missing.length > 0) wrong(path, composeProblem.missing(missing));
      },
    },
  );
