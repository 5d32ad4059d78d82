import { mistake } from "../errors.ts";
import { nearest } from "./nearest.ts";

/** A value of a configuration file, whatever its syntax, with its place: an offset into the text. */
export type Node = { readonly at: number } & (
  | { readonly kind: "text" | "number" | "truth"; readonly written: string }
  | { readonly kind: "list"; readonly items: readonly Node[] }
  | { readonly kind: "map"; readonly entries: readonly Entry[] }
  | { readonly kind: "nothing" }
  /** Already complained of. */
  | { readonly kind: "broken" }
);

/** A key is in its map once only. */
export interface Entry {
  readonly key: string;
  readonly at: number;
  readonly value: Node;
}

/** Notes a mistake and goes on, so that all of them are shown at once. */
export type Wrong = (at: number, problem: string) => void;

/**
 * Reads a value of one shape.
 * @param name what the value is called in complaints: its key.
 * @returns undefined after a complaint.
 */
export type Read<T> = (node: Node, name: string, wrong: Wrong) => T | undefined;

type Kind = Exclude<Node["kind"], "broken">;
/** The node of one kind. */
export type Of<K extends Kind> = Extract<Node, { kind: K }>;

const words: Record<Kind, string> = {
  text: "a string",
  number: "a number",
  truth: "true or false",
  list: "a list",
  map: "a map",
  nothing: "nothing",
};

/** Any of several shapes, told apart by the kind of value. */
export function oneOf<T>(
  shapes: { [K in Kind]?: (node: Of<K>, name: string, wrong: Wrong) => T | undefined },
  expected = (Object.keys(shapes) as Kind[]).map((kind) => words[kind]).join(" or "),
): Read<T> {
  return (node, name, wrong) => {
    if (node.kind === "broken") return undefined;
    const read = shapes[node.kind] as Read<T> | undefined;
    if (read) return read(node, name, wrong);
    wrong(node.at, mistake.kind(name, expected, words[node.kind]));
    return undefined;
  };
}

/** What a string must be like; `expected` completes "expected …". */
export interface Rule {
  test(text: string): boolean;
  readonly expected: string;
}

export const rule = (pattern: RegExp, expected: string): Rule => ({ test: (text) => pattern.test(text), expected });

/** A string. */
export const text = (rule: Rule): Read<string> => oneOf({ text: checked(rule) });

/** A string, number or truth value, as it is written: `1.10` keeps its zero and `True` its capital. */
export const written = (rule: Rule): Read<string> =>
  oneOf({ text: checked(rule), number: checked(rule), truth: checked(rule) }, words.text);

function checked(rule: Rule) {
  return (node: Of<"text" | "number" | "truth">, name: string, wrong: Wrong): string | undefined => {
    if (rule.test(node.written)) return node.written;
    wrong(node.at, mistake.expected(name, rule.expected));
    return undefined;
  };
}

/** A map with names of the user's choice. */
export const mapOf = <T>(names: Rule, read: Read<T>) =>
  oneOf<Map<string, T>>({
    map: ({ entries }, _name, wrong) => {
      const map = new Map<string, T>();
      for (const { key, at, value } of entries) {
        if (!names.test(key)) wrong(at, mistake.expected(key, names.expected));
        const found = read(value, key, wrong);
        if (found !== undefined) map.set(key, found);
      }
      return map;
    },
  });

/** A map with known keys, none of them required. */
export const record = <T extends Record<string, Read<unknown>>>(keys: T) =>
  oneOf<{ -readonly [K in keyof T]?: NonNullable<ReturnType<T[K]>> }>({
    map: ({ entries }, _name, wrong) => {
      const known = Object.keys(keys);
      const found: Record<string, unknown> = {};
      for (const { key, at, value } of entries) {
        const read = Object.hasOwn(keys, key) ? keys[key] : undefined;
        const part = read?.(value, key, wrong);
        if (part !== undefined) found[key] = part;
        if (!read) wrong(at, mistake.unknownKey(key, nearest(key, known), known));
      }
      return found as { -readonly [K in keyof T]?: NonNullable<ReturnType<T[K]>> };
    },
  });
