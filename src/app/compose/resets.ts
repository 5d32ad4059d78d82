import { itemKey, type Path } from "./path-rules.ts";
import { isMap, mapOf, type Value, type ValueMap } from "./value.ts";

/** Removes the values at these paths; items of lists are kept. */
export function withoutResets(map: ValueMap, resets: readonly Path[]): ValueMap {
  if (resets.length === 0) return map;
  const matches = (path: Path) =>
    resets.some(
      (reset) => reset.length === path.length && reset.every((key, index) => key === "*" || key === path[index]),
    );
  const visit = (value: Value, path: Path): Value => {
    if (Array.isArray(value)) return value.map((item, index) => visit(item, [...path, itemKey(index)]));
    if (!isMap(value)) return value;
    const entries = Object.entries(value).filter(([key]) => !matches([...path, key]));
    return mapOf(entries.map(([key, item]) => [key, visit(item, [...path, key])] as const));
  };
  return visit(map, []) as ValueMap;
}
