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
    let levels = [this.#root];
    for (const step of path) {
      const key = step.startsWith("[") ? "[]" : step;
      levels = levels.flatMap(({ next }) => [next.get(key), next.get("*")].filter((level) => level !== undefined));
    }
    return levels.find(({ rule }) => rule !== undefined)?.rule;
  }
}
