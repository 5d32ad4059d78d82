import type { HostConfig } from "./types.ts";

/** Fields of a container that have the same fate in a copy, by their names in the engine's API. */
export interface FieldGroup {
  /** What they are to people. */
  readonly about: string;
  readonly config?: readonly string[];
  readonly host?: readonly string[];
}

/** Passed on with the value they have. */
interface SameFields extends FieldGroup {
  readonly host: readonly (keyof HostConfig)[];
}

/** What a one-off may use. Options, `--size` and `run` of oneoff.yaml take precedence. */
export const LIMITS = [
  ...["Memory", "MemorySwap", "MemoryReservation", "MemorySwappiness", "OomKillDisable", "OomScoreAdj"],
  ...["KernelMemory", "KernelMemoryTCP"],
  ...["NanoCpus", "CpuShares", "CpuPeriod", "CpuQuota", "CpuRealtimePeriod", "CpuRealtimeRuntime"],
  ...["CpusetCpus", "CpusetMems", "PidsLimit"],
  ...["BlkioWeight", "BlkioWeightDevice", "BlkioDeviceReadBps", "BlkioDeviceWriteBps"],
  ...["BlkioDeviceReadIOps", "BlkioDeviceWriteIOps", "CgroupParent", "StorageOpt"],
] as const satisfies readonly (keyof HostConfig)[];

export const COPIED_AS_THEY_ARE = [
  { about: "limits of memory, swap, CPUs, processes and disk", host: LIMITS },
  { about: "tmpfs, shared memory, read-only root", host: ["Tmpfs", "ShmSize", "ReadonlyRootfs"] },
  { about: "DNS servers, hosts", host: ["Dns", "DnsOptions", "DnsSearch", "ExtraHosts"] },
  {
    about: "capabilities and security options",
    host: ["CapAdd", "CapDrop", "SecurityOpt", "Privileged", "GroupAdd", "UsernsMode", "MaskedPaths", "ReadonlyPaths"],
  },
  { about: "devices", host: ["Devices", "DeviceRequests", "DeviceCgroupRules"] },
  { about: "kernel settings, ulimits, runtime", host: ["Sysctls", "Ulimits", "Runtime", "Annotations"] },
  { about: "namespaces it shares", host: ["PidMode", "IpcMode", "UTSMode", "CgroupnsMode"] },
] as const satisfies readonly SameFields[];

/** Passed on in another form, or with the part that a copy may have. */
export const COPIED_OTHERWISE: readonly FieldGroup[] = [
  { about: "the image by its ID, variables, user, working directory", config: ["Image", "Env", "User", "WorkingDir"] },
  { about: "entrypoint, stop signal and timeout", config: ["Entrypoint", "StopSignal", "StopTimeout"] },
  { about: "all mounts, anonymous volumes included", host: ["Binds", "Mounts", "VolumesFrom"], config: ["Volumes"] },
  { about: "all networks, outgoing links with their aliases", host: ["NetworkMode", "Links"] },
];

export const NEVER_COPIED: readonly FieldGroup[] = [
  { about: "published ports", host: ["PortBindings", "PublishAllPorts"], config: ["ExposedPorts"] },
  { about: "name, host name, aliases and static addresses", config: ["Hostname", "Domainname", "MacAddress"] },
  { about: "labels", config: ["Labels"] },
  { about: "restart policy, removal at the end", host: ["RestartPolicy", "AutoRemove"] },
  { about: "health check", config: ["Healthcheck"] },
  { about: "log driver, init (see: oneoff help one-offs)", host: ["LogConfig", "Init"] },
  {
    about: "command, TTY, streams",
    host: ["ConsoleSize"],
    config: ["Cmd", "Tty", "OpenStdin", "StdinOnce", "AttachStdin", "AttachStdout", "AttachStderr"],
  },
];

/** Of Windows, of builds, of the client that made the container, or of volumes that exist by now. */
export const MEANINGLESS: FieldGroup = {
  about: "no meaning for a running Linux container",
  host: [
    ...["ContainerIDFile", "Cgroup", "VolumeDriver"],
    ...["Isolation", "CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth"],
  ],
  config: ["OnBuild", "Shell", "ArgsEscaped", "NetworkDisabled"],
};
