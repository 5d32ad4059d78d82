import { fileProblem } from "../../errors/manifest.ts";
import { type Filling, fillVariables } from "./interpolate.ts";

/** Of maps and lists in each other. */
export const maxDepth = 32;

/** A value of a configuration file, with its offset in the text. */
export type Node = { readonly at: number } & (
  | { readonly kind: "text" | "number" | "truth"; readonly written: string }
  | { readonly kind: "list"; readonly items: readonly Node[] }
  | { readonly kind: "map"; readonly entries: readonly Entry[] }
  | { readonly kind: "nothing" }
  /** Already reported. */
  | { readonly kind: "broken" }
);

/** An entry of a map; keys are unique. */
export interface Entry {
  readonly key: string;
  readonly at: number;
  readonly value: Node;
}

/** The context for reading a file; collects its mistakes. */
export interface Reading extends Omit<Filling, "unset"> {
  /** Base folder of relative paths. */
  readonly folder: string;
  /** Records a mistake. Reading continues, so that all mistakes are reported at once. */
  wrong(at: number, problem: string): void;
  /** Records that a variable was not set and is empty. */
  unset(variable: string, at: number): void;
  /** @returns the number of the line. */
  line(at: number): number;
  /** @returns `file:line:column`. */
  where(at: number): string;
}

export type Kind = Exclude<Node["kind"], "broken">;
/** A node of this kind. */
export type Of<K extends Kind> = Extract<Node, { kind: K }>;
export type Json = Readonly<Record<string, unknown>>;

/** The type of a value: a reader for each kind of node, and descriptions for people and editors. */
export interface Shape<T> {
  /** @param name the key, for mistakes. @returns undefined after a reported mistake. */
  readonly kinds: { readonly [K in Kind]?: (node: Of<K>, name: string, to: Reading) => T | undefined };
  /** Completes "expected …". */
  readonly expected: string;
  /** In JSON Schema. */
  json(): Json;
  /** The keys of a map with known keys. */
  readonly keys?: Keys;
}

/** A known key: the parser, the example and the JSON Schema are generated from it. */
export interface Key<T> {
  readonly shape: Shape<T>;
  /** One or two sentences. */
  readonly about: string;
  /** Value of an absent key, for people. */
  readonly default?: string;
  /** Values in YAML. The example shows the first, the others as comments, and without any the keys of the value. */
  readonly examples: readonly string[];
  /** Commented out in the example, because it excludes another key. */
  readonly off?: boolean;
}

export type Keys = Readonly<Record<string, Key<unknown>>>;

/** Names of kinds for people. */
export const KIND_NAMES: Readonly<Record<Kind, string>> = {
  text: "a string",
  number: "a number",
  truth: "true or false",
  list: "a list",
  map: "a map",
  nothing: "nothing",
};

/** @returns undefined after a reported mistake. */
export function read<T>(shape: Shape<T>, node: Node, name: string, to: Reading): T | undefined {
  if (node.kind === "broken") return undefined;
  const reader = shape.kinds[node.kind] as ((node: Node, name: string, to: Reading) => T | undefined) | undefined;
  if (reader) return reader(node, name, to);
  to.wrong(node.at, fileProblem.kind(name, shape.expected, KIND_NAMES[node.kind]));
  return undefined;
}

/** A scalar value and its parser. */
export interface Scalar<T> {
  readonly kinds: readonly ("text" | "number" | "truth")[];
  /** @returns undefined for an invalid value. */
  parse(text: string): T | undefined;
  /** Completes "expected …". */
  readonly wanted: string;
  /** Completes "expected …" for a value of another kind. */
  readonly expected?: string;
  /** Without interpolation: a shell in the container expands `$`. */
  readonly verbatim?: boolean;
  readonly json: Json;
}

export function scalar<T>({ kinds, parse, wanted, expected = wanted, verbatim, json }: Scalar<T>): Shape<T> {
  const reader = (node: Of<"text" | "number" | "truth">, name: string, to: Reading): T | undefined => {
    const result = verbatim ? { filled: node.written } : fillVariables(node.written, at(node.at, to));
    const value = "filled" in result ? parse(result.filled) : undefined;
    if (value === undefined) to.wrong(node.at, fileProblem.value(name, "filled" in result ? wanted : result));
    return value;
  };
  return { kinds: Object.fromEntries(kinds.map((kind) => [kind, reader])), expected, json: () => json };
}

const at = (place: number, to: Reading): Filling => ({ ...to, unset: (variable) => to.unset(variable, place) });

/** One of two shapes that have different kinds of nodes. */
export const either = <A, B>(one: Shape<A>, other: Shape<B>): Shape<A | B> => ({
  kinds: { ...one.kinds, ...other.kinds },
  expected: `${one.expected} or ${other.expected}`,
  ...((one.keys ?? other.keys) && { keys: one.keys ?? other.keys }),
  json: () => ({ anyOf: [one.json(), other.json()] }),
});

/** A shape whose values are converted; undefined after a reported mistake. */
export function mapped<T, U>(
  shape: Shape<T>,
  convert: (value: T, node: Node, name: string, to: Reading) => U | undefined,
): Shape<U> {
  const reader = (node: Node, name: string, to: Reading) => {
    const value = read(shape, node, name, to);
    return value === undefined ? undefined : convert(value, node, name, to);
  };
  return { ...shape, kinds: Object.fromEntries(Object.keys(shape.kinds).map((kind) => [kind, reader])) };
}
