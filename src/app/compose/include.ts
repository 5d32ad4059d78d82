import { composeProblem } from "../../errors/compose.ts";
import type { Wrong } from "./merge.ts";
import { itemKey } from "./path-rules.ts";
import { isEqual, isMap, mapAt, mapOf, type Value, type ValueMap } from "./value.ts";

/** An entry of `include`. */
export interface Include {
  /** A Compose file and its overrides. */
  readonly paths: readonly string[];
  readonly folder: string | undefined;
  readonly envFiles: readonly string[];
}

export function readIncludes(value: Value | undefined, wrong: Wrong): Include[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return wrong(["include"], composeProblem.expected("a list"));
  return value.map((item, index) => {
    const path = ["include", itemKey(index)];
    const entry = typeof item === "string" ? mapOf([["path", item]]) : item;
    if (!isMap(entry)) return wrong(path, composeProblem.expected("a string or a map"));
    const texts = (key: string): string[] =>
      [entry[key] ?? []]
        .flat()
        .map((one) => (typeof one === "string" ? one : wrong([...path, key], composeProblem.texts())));
    const [folder] = texts("project_directory");
    const paths = texts("path");
    if (paths.length === 0) wrong(path, composeProblem.missing(["path"]));
    return { paths, folder: folder || undefined, envFiles: texts("env_file") };
  });
}

const RESOURCES = ["services", "volumes", "networks", "secrets", "configs", "models"] as const;

/** Adds resources of an included project; the same name must have the same value. */
export function withImported(map: ValueMap, imported: ValueMap, wrong: Wrong): ValueMap {
  const added = RESOURCES.flatMap((kind) => {
    const from = mapAt(imported, kind);
    if (!from) return [];
    const to = mapAt(map, kind) ?? mapOf([]);
    const conflict = Object.keys(from).find((name) => name in to && !isEqual(from[name], to[name]));
    if (conflict !== undefined) wrong([kind, conflict], composeProblem.imported(conflict));
    return [[kind, mapOf([...Object.entries(to), ...Object.entries(from)])] as const];
  });
  return mapOf([...Object.entries(map), ...added]);
}
