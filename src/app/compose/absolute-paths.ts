import { posix } from "node:path";
import { composeProblem } from "../../errors/compose.ts";
import type { Wrong } from "./merge.ts";
import { type Path, PathRules } from "./path-rules.ts";
import { isMap, mapOf, type Value, type ValueMap } from "./value.ts";

export interface Folders {
  /** Of relative paths. */
  readonly folder: string;
  /** Of `~`. */
  readonly home: string | undefined;
}

/** Makes relative paths absolute. The map has long forms only. */
export const withAbsolutePaths = (map: ValueMap, folders: Folders, wrong: Wrong): ValueMap =>
  RULES.rewrite(map, (value, rule, path) => rule(value, folders, path, wrong));

type Rule = (value: Value, folders: Folders, path: Path, wrong: Wrong) => Value;

const WINDOWS_PATH = /^(\p{L}:[\\/]|\\\\)/u;

export function absolutePath(path: string, { folder, home }: Folders): string {
  const text = path.startsWith("~") && home !== undefined ? posix.join(home, path.slice(1)) : path;
  return posix.isAbsolute(text) || WINDOWS_PATH.test(text) ? text : posix.join(folder, text).replace(/(?<=.)\/$/, "");
}

const resolved = (value: Value, folders: Folders) => (typeof value === "string" ? absolutePath(value, folders) : value);

const fileOrNone: Rule = (value, folders) => (value === "" ? value : resolved(value, folders));

/** Contexts of a build may be URLs and services. */
const context: Rule = (value, folders) => {
  const isElsewhere =
    typeof value === "string" && (/:\/\//.test(value) || /^(service:|github\.com\/|git@)/.test(value) || value === "");
  return isElsewhere ? value : resolved(value, folders);
};

const mount: Rule = (value, folders, path, wrong) => {
  if (!isMap(value) || value.type !== "bind") return value;
  const { source } = value;
  if (typeof source !== "string") return wrong(path, composeProblem.missing(["source"]));
  return mapOf([...Object.entries(value), ["source", absolutePath(source, folders)]]);
};

/** A volume of the driver `local` may be a bind mount. */
const volume: Rule = (value, folders) => {
  if (!isMap(value) || value.driver !== "local" || !isMap(value.driver_opts)) return value;
  const { o, device } = value.driver_opts;
  if (o !== "bind" || typeof device !== "string") return value;
  const options = mapOf([...Object.entries(value.driver_opts), ["device", absolutePath(device, folders)]]);
  return mapOf([...Object.entries(value), ["driver_opts", options]]);
};

const RULES = new PathRules<Rule>({
  "services.*.build.additional_contexts.*": context,
  "services.*.build.context": context,
  "services.*.build.ssh.*": resolved,
  "services.*.develop.watch.*.path": fileOrNone,
  "services.*.env_file.*.path": fileOrNone,
  "services.*.extends.file": fileOrNone,
  "services.*.label_file.*": fileOrNone,
  "services.*.volumes.*": mount,
  "configs.*.file": resolved,
  "secrets.*.file": resolved,
  "volumes.*": volume,
});
