import { isAlias, isMap, isScalar, isSeq, type Scalar, type Node as YamlNode } from "yaml";
import { composeProblem } from "../../errors/compose.ts";
import { fileProblem } from "../../errors/manifest.ts";
import { maxDepth } from "../schema/schema.ts";
import { itemKey, type Path } from "./path-rules.ts";
import { mapOf, type Value, type ValueMap } from "./value.ts";
import { isTimestamp, plainScalar } from "./yaml-scalar.ts";

/** Maximum number of values that aliases repeat. */
const MAX_REPEATED = 50_000;

const CORE_TAG = "tag:yaml.org,2002:";

/** Types of the values of a tag. */
const CORE_TYPES: Readonly<Record<string, readonly string[]>> = {
  bool: ["boolean"],
  float: ["number", "bigint"],
  int: ["bigint"],
  null: ["object"],
};

export interface Tree {
  readonly value: Value;
  /** Values with `!reset` or `!override`: values of earlier files at these paths are removed. */
  readonly resets: readonly Path[];
  /** Offsets in the text, of the key or the item. */
  readonly places: ReadonlyMap<string, number>;
}

export const placeKey = (path: Path): string => path.join("\0");

/**
 * Converts a document as Compose does: aliases and merge keys are resolved, and scalars are read like its YAML library reads them.
 * @param wrong throws.
 */
export function valueTree(root: YamlNode | null, wrong: (at: number, problem: string) => never): Tree {
  const anchors = new Map<string, YamlNode>();
  const places = new Map<string, number>();
  const resets: Path[] = [];
  let repeated = 0;

  /** @returns undefined for a value to leave out. */
  function convert(node: unknown, path: Path, place: number, depth: number, aliased: boolean): Value | undefined {
    if (!isAlias(node) && !isScalar(node) && !isMap(node) && !isSeq(node)) return note(path, place, null);
    const at = node.range?.[0] ?? place;
    if (aliased && ++repeated > MAX_REPEATED) wrong(at, fileProblem.aliases(MAX_REPEATED));
    if (depth > maxDepth) wrong(at, fileProblem.depth(maxDepth));
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (!target) wrong(at, fileProblem.noAnchor(node.source));
      if (target.tag === "!reset") resets.push(path);
      return convert(target, path, place, depth + 1, true);
    }
    if (node.anchor && !aliased) anchors.set(node.anchor, node);
    // Compose removes a value with !reset where its anchor is, so that aliases do not repeat it.
    if (node.tag === "!override" || (node.tag === "!reset" && !aliased)) resets.push(path);
    if (node.tag === "!reset") return undefined;
    if (isScalar(node)) return note(path, place, scalar(node, at, path));
    if (isMap(node)) return note(path, place, map(node.items, path, at, depth, aliased));
    const items: Value[] = [];
    for (const item of node.items) {
      const itemAt = (item as YamlNode | null)?.range?.[0] ?? at;
      const value = convert(item, [...path, itemKey(items.length)], itemAt, depth + 1, aliased);
      if (value !== undefined) items.push(value);
    }
    return note(path, place, items);
  }

  const note = (path: Path, at: number, value: Value): Value => {
    places.set(placeKey(path), at);
    return value;
  };

  function map(
    pairs: readonly { key: unknown; value: unknown }[],
    path: Path,
    place: number,
    depth: number,
    aliased: boolean,
  ): ValueMap {
    const own = new Map<string, Value>();
    const merged: Value[] = [];
    const keys = new Set<string>();
    for (const pair of pairs) {
      const at = (pair.key as YamlNode | null)?.range?.[0] ?? place;
      const key = keyOf(pair.key, at);
      if (keys.has(key)) wrong(at, composeProblem.twiceInMap(key));
      keys.add(key);
      const isMerge = key === "<<";
      const value = convert(pair.value, isMerge ? path : [...path, key], at, depth + 1, aliased);
      if (value === undefined) continue;
      if (!isMerge) own.set(key, value);
      else merged.push(...(Array.isArray(value) ? value.toReversed() : [value]));
    }
    return mapOf([...merged.flatMap((one) => Object.entries(mergeable(one, place))), ...own]);
  }

  const mergeable = (value: Value, at: number): ValueMap =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? value : wrong(at, composeProblem.merge());

  function keyOf(node: unknown, at: number): string {
    const target = isAlias(node) ? anchors.get(node.source) : node;
    const value = isScalar(target) ? scalar(target, at, []) : null;
    return typeof value === "string" ? value : wrong(at, fileProblem.key());
  }

  function scalar({ value, type, tag }: Scalar, at: number, [top]: Path): Value {
    const text = typeof value === "string" ? value : "";
    const core = tag?.startsWith(CORE_TAG) ? tag.slice(CORE_TAG.length) : undefined;
    const isTagged = tag !== undefined && tag !== "!";
    if (core === "str" || (core === undefined && (isTagged || type !== "PLAIN"))) return text;
    if (isTimestamp(text) && !top?.startsWith("x-")) wrong(at, composeProblem.timestamp());
    const plain = plainScalar(text);
    return core === undefined || CORE_TYPES[core]?.includes(typeof plain) ? plain : wrong(at, fileProblem.tag());
  }

  const value = convert(root, [], 0, 0, false) ?? null;
  return { value, resets, places };
}
