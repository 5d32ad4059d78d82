import { isMap, mapOf, type Value, type ValueMap } from "./value.ts";

/** The keys that lead to a value; the first item of a list has the key `[0]`. */
export type Path = readonly string[];

export const itemKey = (index: number): string => `[${index}]`;

/** As Compose writes it: `services.web.ports[0]`. */
export const pathText = (path: Path): string => path.join(".").replaceAll(".[", "[");

interface Level<T> {
  rule?: T;
  readonly next: Map<string, Level<T>>;
}

/** Rules for paths such as `services.*.ports`, where `*` is any key or item, and `[]` any item. */
export class PathRules<T> {
  readonly #root: Level<T> = { next: new Map() };

  constructor(rules: Readonly<Record<string, T>>) {
    for (const [pattern, rule] of Object.entries(rules)) {
      let level = this.#root;
      for (const key of pattern.split(".")) {
        const next = level.next.get(key) ?? { next: new Map() };
        level.next.set(key, next);
        level = next;
      }
      level.rule = rule;
    }
  }

  find(path: Path): T | undefined {
    return ruleOf(path.reduce<readonly Level<T>[]>(below, [this.#root]));
  }

  /** Changes values that have a rule, from the top: the rules of its parts apply to the result. */
  rewrite(map: ValueMap, change: (value: Value, rule: T, path: Path) => Value): ValueMap {
    const visit = (value: Value, path: Path, levels: readonly Level<T>[]): Value => {
      if (levels.length === 0) return value;
      const rule = ruleOf(levels);
      const changed = rule === undefined ? value : change(value, rule, path);
      const part = (item: Value, key: string) => visit(item, [...path, key], below(levels, key));
      if (Array.isArray(changed)) return changed.map((item, index) => part(item, itemKey(index)));
      return isMap(changed) ? mapOf(Object.entries(changed).map(([key, item]) => [key, part(item, key)])) : changed;
    };
    return visit(map, [], [this.#root]) as ValueMap;
  }
}

function below<T>(levels: readonly Level<T>[], step: string): Level<T>[] {
  const key = step.startsWith("[") ? "[]" : step;
  return levels.flatMap(({ next }) => [next.get(key), next.get("*")].filter((level) => level !== undefined));
}

const ruleOf = <T>(levels: readonly Level<T>[]): T | undefined => levels.find(({ rule }) => rule !== undefined)?.rule;
