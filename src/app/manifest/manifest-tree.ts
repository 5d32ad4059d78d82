import { isAlias, isMap, isScalar, isSeq, type Scalar, type Node as YamlNode } from "yaml";
import { fileProblem } from "../../errors/manifest.ts";
import { type Entry, maxDepth, type Node, type Reading } from "../schema/schema.ts";

/** Maximum number of values reached through aliases: enough for a shared `env`, and bounds the memory. */
const maxRepeated = 10_000;

/** Converts the document: aliases are resolved, and keys are unique strings. */
export function toTree(root: YamlNode | null, { line, wrong }: Pick<Reading, "line" | "wrong">): Node {
  const anchors = new Map<string, YamlNode>();
  let repeated = 0;

  function tree(node: unknown, place: number, depth: number, aliased: boolean): Node {
    if (!isAlias(node) && !isScalar(node) && !isMap(node) && !isSeq(node)) return { at: place, kind: "nothing" };
    const at = node.range?.[0] ?? place;
    const broken = (problem?: string): Node => {
      if (problem) wrong(at, problem);
      return { at, kind: "broken" };
    };
    if (aliased) {
      const exhausted = repeated > maxRepeated;
      repeated += weight(node);
      if (repeated > maxRepeated) return broken(exhausted ? undefined : fileProblem.aliases(maxRepeated));
    }
    if (depth > maxDepth) return broken(fileProblem.depth(maxDepth));
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      return target ? { ...tree(target, at, depth + 1, true), at } : broken(fileProblem.noAnchor(node.source));
    }
    // An anchor may be redefined: an alias refers to the last anchor above it, so anchors inside an alias are skipped.
    if (node.anchor && !aliased) anchors.set(node.anchor, node);
    if (isScalar(node)) return scalar(node, at, place);
    if (isSeq(node)) {
      return { at, kind: "list", items: node.items.map((item) => tree(item, at, depth + 1, aliased)) };
    }

    const entries = new Map<string, Entry>();
    for (const { key, value } of node.items) {
      const name = tree(key, at, depth + 1, aliased);
      if (name.kind !== "text") {
        if (name.kind !== "broken") wrong(name.at, fileProblem.key());
        continue;
      }
      const first = entries.get(name.written);
      if (first) wrong(name.at, fileProblem.twice(name.written, line(first.at)));
      const entry = { key: name.written, at: name.at, value: tree(value, name.at, depth + 1, aliased) };
      if (!first) entries.set(entry.key, entry);
    }
    return { at, kind: "map", entries: [...entries.values()] };
  }

  return tree(root, 0, 0, false);
}

/** The weight of a node: a long text takes as long to read as many short ones. */
const weight = (node: unknown) =>
  1 + (isScalar(node) && typeof node.value === "string" ? Math.floor(node.value.length / 100) : 0);

function scalar({ value, source }: Scalar, at: number, place: number): Node {
  // A missing value is reported at its key.
  if (value === null) return { at: source ? at : place, kind: "nothing" };
  if (typeof value === "string") return { at, kind: "text", written: value };
  return { at, kind: typeof value === "boolean" ? "truth" : "number", written: source ?? String(value) };
}
