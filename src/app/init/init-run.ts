import type { ComposeProject } from "../compose/project.ts";
import type { ComposeService } from "../compose/service.ts";
import type { ComposeBuild } from "../compose/service-parts.ts";
import { withoutVariables } from "./init-paths.ts";
import type { Statement } from "./init-statement.ts";
import type { Value } from "./init-yaml.ts";

/** Limits and docker's options of a service. Zero and negative limits mean no limit. */
export function runStatements(service: ComposeService): Statement[] {
  const { limits = {} } = service.deploy?.resources ?? {};
  const size = (bytes: string | undefined) => (bytes === undefined || Number(bytes) <= 0 ? undefined : sizeOf(bytes));
  const count = (value: number | undefined) => (value === undefined || value <= 0 ? undefined : String(value));
  const statement = (source: keyof ComposeService, name: string, value: Value | undefined): Statement[] => {
    const isEmpty = value === undefined || value === false || (Array.isArray(value) && value.length === 0);
    return isEmpty ? [] : [{ key: "run", name, value, source }];
  };
  return [
    ...statement("mem_limit", "memory", size(limits.memory ?? service.mem_limit)),
    ...statement("cpus", "cpus", count(limits.cpus || service.cpus)),
    ...statement("pids_limit", "pids-limit", count(limits.pids || service.pids_limit)),
    ...statement("extra_hosts", "add-host", texts(service.extra_hosts?.map((host) => host.replace("=", ":")))),
    ...statement("cap_add", "cap-add", texts(service.cap_add)),
    ...statement("cap_drop", "cap-drop", texts(service.cap_drop)),
    ...statement("devices", "device", texts(service.devices?.map(deviceOf))),
    ...statement("dns", "dns", texts(service.dns)),
    ...statement("group_add", "group-add", texts(service.group_add)),
    ...statement("security_opt", "security-opt", texts(service.security_opt)),
    ...statement("tmpfs", "tmpfs", texts(service.tmpfs)),
    ...statement(
      "ulimits",
      "ulimit",
      Object.entries(service.ulimits ?? {}).map(([name, limit]) => ulimitOf(name, limit)),
    ),
    ...statement("hostname", "hostname", service.hostname),
    ...statement("ipc", "ipc", service.ipc),
    ...statement("platform", "platform", service.platform),
    ...statement("shm_size", "shm-size", size(service.shm_size)),
    ...statement("stop_signal", "stop-signal", service.stop_signal),
    ...statement("privileged", "privileged", service.privileged),
    ...statement("read_only", "read-only", service.read_only),
  ];
}

const texts = (values: readonly string[] | undefined): Value => (values ?? []).map(withoutVariables);

/** Bytes in the largest unit that divides them. */
function sizeOf(bytes: string): string {
  const power = [3, 2, 1].find((power) => Number(bytes) % 1024 ** power === 0) ?? 0;
  return `${Number(bytes) / 1024 ** power}${["", "k", "m", "g"][power]}`;
}

const deviceOf = ({ source = "", target = "", permissions = "" }: NonNullable<ComposeService["devices"]>[number]) =>
  source === target && /^[\w.-]+\/[\w.-]+=/.test(source) ? source : [source, target, permissions].join(":");

function ulimitOf(name: string, limit: NonNullable<ComposeService["ulimits"]>[string]): string {
  const { soft = 0, hard = 0 } = typeof limit === "number" ? { soft: limit, hard: limit } : limit;
  return `${name}=${soft}:${hard}`;
}

/** Keys that affect a one-off and that oneoff.yaml cannot express. */
const UNSUPPORTED = [
  ...["volumes_from", "links", "external_links", "dns_search", "dns_opt", "domainname"],
  ...["userns_mode", "device_cgroup_rules", "gpus", "runtime", "sysctls", "annotations", "isolation"],
  ...["pid", "uts", "cgroup", "cgroup_parent", "storage_opt", "use_api_socket"],
  ...["memswap_limit", "mem_reservation", "mem_swappiness", "oom_kill_disable", "oom_score_adj", "blkio_config"],
  ...["cpu_shares", "cpu_quota", "cpu_period", "cpu_rt_period", "cpu_rt_runtime", "cpuset", "stop_grace_period"],
] as const satisfies readonly (keyof ComposeService)[];

/** Keys of `build` that change the image. */
const BUILD_KEYS = [
  ...["labels", "additional_contexts", "entitlements", "extra_hosts", "isolation", "network", "platforms"],
  ...["privileged", "secrets", "shm_size", "ssh", "tags", "ulimits"],
] as const satisfies readonly (keyof ComposeBuild)[];

const isSet = (value: unknown): boolean =>
  typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value);

export function unsupportedStatements(service: ComposeService, project: ComposeProject): Statement[] {
  const { build = {}, image, networks = {} } = service;
  const { reservations = {} } = service.deploy?.resources ?? {};
  return [
    ...(image === undefined ? BUILD_KEYS.filter((key) => isSet(build[key])).map((key) => `build.${key}`) : []),
    ...UNSUPPORTED.filter((key) => isSet(service[key])),
    ...(isSet(reservations.memory) || isSet(reservations.devices) ? ["deploy.resources.reservations"] : []),
    ...Object.entries(networks).flatMap(([name, network]) =>
      (["driver_opts", "gw_priority", "interface_name"] as const)
        .filter((key) => isSet(network?.[key]))
        .map((key) => `networks.${name}.${key}`),
    ),
    ...volumeKeys(service, project),
  ].map((key) => ({ key, value: undefined }));
}

/** Settings of volumes that the engine would create without them. */
function volumeKeys({ volumes = [] }: ComposeService, project: ComposeProject): string[] {
  const names = new Set(volumes.flatMap(({ type, source }) => (type === "volume" && source) || []));
  return [...names].flatMap((name) => {
    const { driver = "local", driver_opts } = project.volumes?.[name] ?? {};
    return [
      ...(driver === "local" ? [] : [`volumes.${name}.driver`]),
      ...(isSet(driver_opts) ? [`volumes.${name}.driver_opts`] : []),
    ];
  });
}
