import { textOf, type Values, valuesOf } from "./init-compose-tree.ts";
import type { Statement } from "./init-statement.ts";

/** Limits of oneoff.yaml and their names in Compose, in a service and in its `deploy`. */
const LIMITS = [
  { name: "memory", key: "mem_limit", deployed: "memory" },
  { name: "cpus", key: "cpus", deployed: "cpus" },
  { name: "pids-limit", key: "pids_limit", deployed: "pids" },
] as const;

/** The limits of a service. Zero and negative values mean no limit. */
export function limitStatements(service: Values): Statement[] {
  const deployed = valuesOf(valuesOf(valuesOf(service.get("deploy")).get("resources")).get("limits"));
  return LIMITS.flatMap(({ name, key, deployed: other }) => {
    const value = textOf(service.get(key)) ?? textOf(deployed.get(other));
    return value === undefined || Number(value) <= 0 ? [] : [{ key: "run", name, value }];
  });
}

/** Keys that affect a command and that oneoff.yaml cannot express. */
const WORDLESS = [
  ...["secrets", "configs", "volumes_from"],
  ...["links", "external_links", "extra_hosts", "dns", "dns_search", "dns_opt"],
  ...["group_add", "cap_add", "cap_drop", "security_opt", "privileged", "userns_mode", "read_only"],
  ...["devices", "device_cgroup_rules", "gpus", "runtime", "sysctls", "ulimits", "shm_size"],
  ...["ipc", "pid", "uts", "cgroup", "cgroup_parent", "storage_opt", "platform"],
  ...["memswap_limit", "mem_reservation", "mem_swappiness", "oom_kill_disable", "oom_score_adj"],
  ...["cpu_shares", "cpu_quota", "cpu_period", "cpu_rt_period", "cpu_rt_runtime", "cpuset", "blkio_config"],
  ...["stop_signal", "stop_grace_period"],
];

export function wordlessStatements(service: Values): Statement[] {
  return WORDLESS.flatMap((key) => {
    const node = service.get(key);
    const isSet = node !== undefined && node.kind !== "nothing" && textOf(node) !== "false";
    const isEmpty =
      (node?.kind === "list" && node.items.length === 0) || (node?.kind === "map" && valuesOf(node).size === 0);
    return isSet && !isEmpty ? [{ key, value: undefined }] : [];
  });
}
