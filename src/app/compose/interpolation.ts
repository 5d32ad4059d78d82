import { composeProblem } from "../../errors/compose.ts";
import type { Inherited } from "../env.ts";
import { fillVariables } from "../schema/interpolate.ts";
import { itemKey, type Path, PathRules } from "./path-rules.ts";
import { isMap, mapOf, type Value } from "./value.ts";

type Cast = (text: string) => Value | undefined;

export const truthOf: Cast = (text) =>
  /^(true|y|yes|on)$/i.test(text) ? true : /^(false|n|no|off)$/i.test(text) ? false : undefined;

export const integerOf: Cast = (text) => {
  const value = /^[-+]?\d{1,19}$/.test(text) ? BigInt(text.replace("+", "")) : undefined;
  return value === BigInt.asIntN(64, value ?? 0n) ? value : undefined;
};

export const floatOf: Cast = (text) => {
  const value = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
};

/** Values that may be text with variables, and what the text must be. */
const CASTS = new PathRules<{ readonly cast: Cast; readonly wanted: string }>(
  Object.fromEntries([
    ...[
      ...["cpu_count", "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpu_shares", "oom_score_adj"],
      ...["pids_limit", "scale", "healthcheck.retries", "ports.[].target", "ulimits.*", "ulimits.*.hard"],
      ...["ulimits.*.soft", "deploy.replicas", "deploy.update_config.parallelism"],
      ...["deploy.rollback_config.parallelism", "deploy.restart_policy.max_attempts"],
      "deploy.placement.max_replicas_per_node",
    ].map((key) => [`services.*.${key}`, { cast: integerOf, wanted: "an integer" }] as const),
    ...[
      "cpus",
      "cpu_percent",
      "deploy.update_config.max_failure_ratio",
      "deploy.rollback_config.max_failure_ratio",
    ].map((key) => [`services.*.${key}`, { cast: floatOf, wanted: "a number" }] as const),
    ...[
      ...["init", "healthcheck.disable", "oom_kill_disable", "privileged", "read_only", "stdin_open", "tty"],
      ...["volumes.[].read_only", "volumes.[].volume.nocopy"],
    ].map((key) => [`services.*.${key}`, { cast: truthOf, wanted: "true or false" }] as const),
    ...[
      ...["external", "internal", "attachable", "enable_ipv4", "enable_ipv6"].map((key) => `networks.*.${key}`),
      ...["volumes", "secrets", "configs"].map((key) => `${key}.*.external`),
    ].map((path) => [path, { cast: truthOf, wanted: "true or false" }] as const),
  ]),
);

interface Interpolation {
  readonly variables: Inherited;
  /** Called with each variable that is not set and has no default; its value is then empty. */
  unset(path: Path, variable: string): void;
  readonly room: { left: number };
  /** Whether what may contain secrets keeps its variables, with `$$` for each other dollar. */
  readonly keepsVariables?: boolean;
  /** Throws. */
  wrong(path: Path, problem: string): never;
}

/** Replaces variables in all texts but keys. A `$` that starts no variable is literal. */
export function interpolate(value: Value, path: Path, to: Interpolation): Value {
  if (Array.isArray(value)) return value.map((item, index) => interpolate(item, [...path, itemKey(index)], to));
  if (isMap(value))
    return mapOf(Object.entries(value).map(([key, item]) => [key, interpolate(item, [...path, key], to)] as const));
  return typeof value === "string" ? filled(value, path, to) : value;
}

function filled(text: string, path: Path, to: Interpolation): Value {
  if (to.keepsVariables && mayBeSecret(path)) return escapeDollars(text);
  const result = fillVariables(escapeDollars(text), { ...to, unset: (variable) => to.unset(path, variable) });
  if ("problem" in result) return to.wrong(path, result.problem);
  const { cast, wanted } = CASTS.find(path) ?? {};
  if (!cast || !wanted) return result.filled;
  return cast(result.filled) ?? to.wrong(path, composeProblem.expected(wanted));
}

const mayBeSecret = ([top, , key = "", part]: Path) =>
  top === "services" && (["image", "environment", "entrypoint"].includes(key) || (key === "build" && part === "args"));

/** Compose keeps a "$" that starts no variable, e.g. in "a$" and "$1". */
const escapeDollars = (text: string) => text.replace(/\$\$|\$(?![A-Za-z_{])/g, "$$$$");
