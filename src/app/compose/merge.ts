import { composeProblem } from "../../errors/compose.ts";
import { type Path, PathRules } from "./path-rules.ts";
import { isEqual, isMap, mapOf, printed, type Value, type ValueMap } from "./value.ts";

/** Throws. */
export type Wrong = (path: Path, problem: string) => never;

type Merger = (base: Value, other: Value, path: Path, wrong: Wrong) => Value;

/** Merges a later file into the values of earlier ones, by Compose's rules; the rules of other values are in `merged`. */
export function mergeMaps(base: ValueMap, other: ValueMap, path: Path, wrong: Wrong): ValueMap {
  const result = mapOf(Object.entries(base));
  for (const [key, value] of Object.entries(other)) {
    const before = result[key];
    result[key] = before === undefined ? value : merged(before, value, [...path, key], wrong);
  }
  return result;
}

function merged(base: Value, other: Value, path: Path, wrong: Wrong): Value {
  const special = SPECIALS.find(path);
  if (special) return special(base, other, path, wrong);
  if (other === null) return base;
  if (isMap(base)) return isMap(other) ? mergeMaps(base, other, path, wrong) : wrong(path, composeProblem.mergeKinds());
  if (!Array.isArray(base)) return other;
  return Array.isArray(other) ? [...base, ...other] : wrong(path, composeProblem.mergeKinds());
}

const replace: Merger = (_base, other) => other;
const append: Merger = (base, other) => [...sequence(base), ...sequence(other)];
const appendNew: Merger = (base, other) => {
  const first = sequence(base);
  return [...first, ...sequence(other).filter((item) => !first.some((one) => isEqual(one, item)))];
};

/** A map as a list of `key=value`. */
function sequence(value: Value): Value[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value;
  if (!isMap(value)) return [];
  return Object.entries(value)
    .flatMap(([key, item]) =>
      item === null ? [key] : [item].flat().map((one) => `${key}=${isMap(one) ? "" : printed(one as Value)}`),
    )
    .sort();
}

/** Merges maps, in which a list stands for its items with a default value. */
const mergeKeyed =
  (unset: () => Value): Merger =>
  (base, other, path, wrong) =>
    mergeMaps(keyed(base, unset, path, wrong), keyed(other, unset, path, wrong), path, wrong);

function keyed(value: Value, unset: () => Value, path: Path, wrong: Wrong): ValueMap {
  if (isMap(value)) return value;
  if (!Array.isArray(value)) return mapOf([]);
  return mapOf(
    value.map((item) => [typeof item === "string" ? item : wrong(path, composeProblem.texts()), unset()] as const),
  );
}

const startedService = () =>
  mapOf([
    ["condition", "service_started"],
    ["required", true],
  ]);

const mergeBuild: Merger = (base, other, path, wrong) => {
  const build = (value: Value) => (isMap(value) ? value : mapOf(typeof value === "string" ? [["context", value]] : []));
  return mergeMaps(build(base), build(other), path, wrong);
};

/** Options belong to a driver. */
const mergeLogging: Merger = (base, other, path, wrong) => {
  if (!isMap(base) || !isMap(other)) return wrong(path, composeProblem.mergeKinds());
  const isOtherDriver = "driver" in base && "driver" in other && base.driver !== other.driver;
  return isOtherDriver ? other : mergeMaps(base, other, path, wrong);
};

/** Pools of the same subnet are merged. Compose drops other pools of the earlier file, or replaces later ones by them. */
const mergePools: Merger = (base, other, path, wrong) => {
  if (!Array.isArray(base) || !Array.isArray(other)) return wrong(path, composeProblem.mergeKinds());
  const pools: ValueMap[] = [];
  const find = (subnet: Value | undefined) => pools.findIndex((one) => one.subnet === subnet);
  for (const pool of base.filter(isMap)) {
    for (const later of other.filter(isMap)) {
      if (later.subnet !== pool.subnet && find(later.subnet) < 0) pools.push(later);
      else {
        Object.assign(pool, mergeMaps(pool, later, path, wrong));
        const index = find(pool.subnet);
        pools[index < 0 ? pools.length : index] = pool;
      }
    }
  }
  return pools;
};

const SPECIALS = new PathRules<Merger>({
  "networks.*.ipam.config": mergePools,
  "networks.*.labels": append,
  "volumes.*.labels": append,
  ...Object.fromEntries(
    Object.entries({
      annotations: append,
      build: mergeBuild,
      "build.args": append,
      "build.additional_contexts": append,
      "build.extra_hosts": appendNew,
      "build.labels": append,
      command: replace,
      depends_on: mergeKeyed(startedService),
      "deploy.labels": append,
      dns: append,
      dns_opt: append,
      dns_search: append,
      entrypoint: replace,
      env_file: append,
      environment: append,
      extra_hosts: appendNew,
      "healthcheck.test": replace,
      label_file: append,
      labels: append,
      logging: mergeLogging,
      models: mergeKeyed(() => null),
      networks: mergeKeyed(() => null),
      sysctls: append,
      tmpfs: append,
      "ulimits.*": replace,
      "volumes.*.volume.labels": append,
    }).map(([key, merger]) => [`services.*.${key}`, merger]),
  ),
});
