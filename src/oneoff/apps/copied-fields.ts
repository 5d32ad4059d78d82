import type { HostConfig } from "../../engine/types.ts";

/** Fields of a container that a copy treats alike, with their names in the engine's API. */
export interface FieldGroup {
  /** Description for people. */
  readonly description: string;
  readonly config?: readonly string[];
  readonly host?: readonly string[];
}

/** Fields that are copied with their values. */
interface SameFields extends FieldGroup {
  readonly host: readonly (keyof HostConfig)[];
}

/** Resource limits. Options, `--size` and `run` of oneoff.yaml take precedence. */
export const LIMITS = [
  ...["Memory", "MemorySwap", "MemoryReservation", "MemorySwappiness", "OomKillDisable", "OomScoreAdj"],
  ...["KernelMemory", "KernelMemoryTCP"],
  ...["NanoCpus", "CpuShares", "CpuPeriod", "CpuQuota", "CpuRealtimePeriod", "CpuRealtimeRuntime"],
  ...["CpusetCpus", "CpusetMems", "PidsLimit"],
  ...["BlkioWeight", "BlkioWeightDevice", "BlkioDeviceReadBps", "BlkioDeviceWriteBps"],
  ...["BlkioDeviceReadIOps", "BlkioDeviceWriteIOps", "CgroupParent", "StorageOpt"],
] as const satisfies readonly (keyof HostConfig)[];

export const COPIED_UNCHANGED = [
  { description: "limits: memory, CPU, processes, disk", host: LIMITS },
  { description: "tmpfs, shared memory, read-only root", host: ["Tmpfs", "ShmSize", "ReadonlyRootfs"] },
  { description: "DNS servers, hosts", host: ["Dns", "DnsOptions", "DnsSearch", "ExtraHosts"] },
  {
    description: "capabilities and security options",
    host: ["CapAdd", "CapDrop", "SecurityOpt", "Privileged", "GroupAdd", "UsernsMode", "MaskedPaths", "ReadonlyPaths"],
  },
  { description: "devices", host: ["Devices", "DeviceRequests", "DeviceCgroupRules"] },
  { description: "kernel settings, ulimits, runtime", host: ["Sysctls", "Ulimits", "Runtime", "Annotations"] },
  { description: "shared namespaces", host: ["PidMode", "IpcMode", "UTSMode", "CgroupnsMode"] },
] as const satisfies readonly SameFields[];

/** Fields that are copied in another form or in part. */
export const COPIED_CONVERTED: readonly FieldGroup[] = [
  { description: "image (by ID), variables, user, workdir", config: ["Image", "Env", "User", "WorkingDir"] },
  { description: "entrypoint, stop signal, stop timeout", config: ["Entrypoint", "StopSignal", "StopTimeout"] },
  { description: "mounts, also anonymous volumes", host: ["Binds", "Mounts", "VolumesFrom"], config: ["Volumes"] },
  { description: "networks, links with their aliases", host: ["NetworkMode", "Links"] },
];

export const NEVER_COPIED: readonly FieldGroup[] = [
  { description: "published ports", host: ["PortBindings", "PublishAllPorts"], config: ["ExposedPorts"] },
  { description: "name, host name, aliases, addresses", config: ["Hostname", "Domainname", "MacAddress"] },
  { description: "labels", config: ["Labels"] },
  { description: "restart policy, automatic removal", host: ["RestartPolicy", "AutoRemove"] },
  { description: "health check", config: ["Healthcheck"] },
  { description: "log driver, init", host: ["LogConfig", "Init"] },
  {
    description: "command, TTY, streams",
    host: ["ConsoleSize"],
    config: ["Cmd", "Tty", "OpenStdin", "StdinOnce", "AttachStdin", "AttachStdout", "AttachStderr"],
  },
];

/** Fields of Windows, of builds, of the client that created the container, or of existing volumes. */
export const NOT_APPLICABLE: FieldGroup = {
  description: "no meaning for a running Linux container",
  host: [
    ...["ContainerIDFile", "Cgroup", "VolumeDriver"],
    ...["Isolation", "CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth"],
  ],
  config: ["OnBuild", "Shell", "ArgsEscaped", "NetworkDisabled"],
};
