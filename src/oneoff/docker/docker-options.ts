import type { HostConfig } from "../../engine/types.ts";
import { csv, type MountDetails, mountValue, pairs } from "./docker-mount.ts";

/** The words of one line: an option and its value; or `#` and what `docker run` cannot be told. */
export type Line = readonly string[];

type Pairs = Readonly<Record<string, string>>;
type List = readonly string[];

interface DeviceRequest {
  readonly Driver?: string;
  readonly Count?: number;
  readonly DeviceIDs?: List | null;
  readonly Capabilities?: readonly List[] | null;
  readonly Options?: Pairs | null;
}

interface Rate {
  readonly Path: string;
  readonly Rate: number;
}

/** The insides of what is passed on from one container to another without a look at it. */
interface Insides {
  Mounts: readonly (NonNullable<HostConfig["Mounts"]>[number] & MountDetails)[];
  Tmpfs: Pairs;
  ShmSize: number;
  ReadonlyRootfs: boolean;
  Dns: List;
  DnsOptions: List;
  DnsSearch: List;
  ExtraHosts: List;
  CapAdd: List;
  CapDrop: List;
  SecurityOpt: List;
  Privileged: boolean;
  GroupAdd: List;
  UsernsMode: string;
  Devices: readonly { PathOnHost: string; PathInContainer: string; CgroupPermissions: string }[];
  DeviceRequests: readonly DeviceRequest[];
  DeviceCgroupRules: List;
  Sysctls: Pairs;
  Runtime: string;
  UTSMode: string;
  CgroupnsMode: string;
  OomKillDisable: boolean;
  OomScoreAdj: number;
  KernelMemory: number;
  KernelMemoryTCP: number;
  CpuShares: number;
  CpuRealtimePeriod: number;
  CpuRealtimeRuntime: number;
  CpusetCpus: string;
  CpusetMems: string;
  BlkioWeight: number;
  BlkioWeightDevice: readonly { Path: string; Weight: number }[];
  BlkioDeviceReadBps: readonly Rate[];
  BlkioDeviceWriteBps: readonly Rate[];
  BlkioDeviceReadIOps: readonly Rate[];
  BlkioDeviceWriteIOps: readonly Rate[];
  CgroupParent: string;
  StorageOpt: Pairs;
}

type Known = Omit<HostConfig, keyof Insides> & Insides;

const flag = (option: string) => (on: boolean) => (on ? [[option]] : []);
const one = (option: string) => (value: string | number) => [[option, String(value)]];
const each = (option: string) => (values: List) => values.map((value) => [option, value]);
const rates = (option: string) => (values: readonly Rate[]) =>
  values.map(({ Path, Rate }) => [option, `${Path}:${Rate}`]);

/** What `docker run` (28) calls each field, in the order in which it is printed. */
const OPTIONS: { readonly [Key in keyof HostConfig]-?: (value: NonNullable<Known[Key]>) => readonly Line[] } = {
  AutoRemove: flag("--rm"),
  // An engine may be set up to give everybody one.
  Init: (on) => [[on ? "--init" : "--init=false"]],
  LogConfig: ({ Type, Config }) => [["--log-driver", Type], ...each("--log-opt")(pairs(Config))],
  // The client says the size of its own terminal.
  ConsoleSize: () => [],
  NetworkMode: one("--network"),
  Links: each("--link"),
  Binds: each("--volume"),
  Mounts: (mounts) => mounts.map((mount) => ["--mount", mountValue(mount)]),
  Tmpfs: (folders) =>
    Object.entries(folders).map(([folder, options]) => ["--tmpfs", options === "" ? folder : `${folder}:${options}`]),
  ShmSize: one("--shm-size"),
  ReadonlyRootfs: flag("--read-only"),
  Memory: one("--memory"),
  MemorySwap: one("--memory-swap"),
  MemoryReservation: one("--memory-reservation"),
  MemorySwappiness: one("--memory-swappiness"),
  OomKillDisable: flag("--oom-kill-disable"),
  OomScoreAdj: one("--oom-score-adj"),
  KernelMemory: one("--kernel-memory"),
  KernelMemoryTCP: () => [unsaid("the kernel memory limit of TCP")],
  NanoCpus: (billionths) => one("--cpus")(billionths / 1e9),
  CpuShares: one("--cpu-shares"),
  CpuPeriod: one("--cpu-period"),
  CpuQuota: one("--cpu-quota"),
  CpuRealtimePeriod: one("--cpu-rt-period"),
  CpuRealtimeRuntime: one("--cpu-rt-runtime"),
  CpusetCpus: one("--cpuset-cpus"),
  CpusetMems: one("--cpuset-mems"),
  PidsLimit: one("--pids-limit"),
  BlkioWeight: one("--blkio-weight"),
  BlkioWeightDevice: (devices) => devices.map(({ Path, Weight }) => ["--blkio-weight-device", `${Path}:${Weight}`]),
  BlkioDeviceReadBps: rates("--device-read-bps"),
  BlkioDeviceWriteBps: rates("--device-write-bps"),
  BlkioDeviceReadIOps: rates("--device-read-iops"),
  BlkioDeviceWriteIOps: rates("--device-write-iops"),
  CgroupParent: one("--cgroup-parent"),
  StorageOpt: (options) => each("--storage-opt")(pairs(options)),
  Ulimits: (limits) => limits.map(({ Name, Soft, Hard }) => ["--ulimit", `${Name}=${Soft}:${Hard}`]),
  Sysctls: (settings) => each("--sysctl")(pairs(settings)),
  Dns: each("--dns"),
  DnsOptions: each("--dns-option"),
  DnsSearch: each("--dns-search"),
  ExtraHosts: each("--add-host"),
  Privileged: flag("--privileged"),
  CapAdd: each("--cap-add"),
  CapDrop: each("--cap-drop"),
  // The engine keeps a profile's text, and docker takes the name of a file.
  SecurityOpt: (options) =>
    options.map((option) =>
      option.startsWith("seccomp={") ? unsaid("a custom seccomp profile") : ["--security-opt", option],
    ),
  GroupAdd: each("--group-add"),
  Devices: (devices) =>
    devices.map((device) => ["--device", `${device.PathOnHost}:${device.PathInContainer}:${device.CgroupPermissions}`]),
  DeviceRequests: (requests) => requests.flatMap(requestOptions),
  DeviceCgroupRules: each("--device-cgroup-rule"),
  Runtime: one("--runtime"),
  PidMode: one("--pid"),
  IpcMode: one("--ipc"),
  UTSMode: one("--uts"),
  UsernsMode: one("--userns"),
  CgroupnsMode: one("--cgroupns"),
  // Docker's one option takes the protection of both away.
  MaskedPaths: () => [["--security-opt", "systempaths=unconfined"]],
  ReadonlyPaths: () => [],
  Annotations: (annotations) => each("--annotation")(pairs(annotations)),
};

/** What `docker run` has to be told of these fields. */
export const hostOptions = (config: HostConfig): Line[] =>
  (Object.keys(OPTIONS) as (keyof HostConfig)[]).flatMap((key) => {
    const value = config[key];
    return value === undefined || value === null ? [] : (OPTIONS[key] as (value: unknown) => readonly Line[])(value);
  });

/** Devices by the names of their makers, and graphics processors; docker has an option for nothing else. */
function requestOptions({ Driver, Count, DeviceIDs, Capabilities, Options }: DeviceRequest): readonly Line[] {
  const ids = DeviceIDs ?? [];
  if (Driver === "cdi") return each("--device")(ids);
  const [capabilities = [], ...alternatives] = Capabilities ?? [];
  if (alternatives.length > 0 || !capabilities.includes("gpu")) return [unsaid("devices of a device driver")];
  const more = capabilities.filter((capability) => capability !== "gpu");
  const fields = [
    ...(Driver ? [`driver=${Driver}`] : []),
    ids.length > 0 ? `device=${ids.join(",")}` : `count=${Count === -1 ? "all" : Count}`,
    ...(more.length > 0 ? [`capabilities=${more.join(",")}`] : []),
    ...(Object.keys(Options ?? {}).length > 0 ? [`options=${csv(pairs(Options))}`] : []),
  ];
  return [["--gpus", csv(fields)]];
}

const unsaid = (what: string): Line => ["#", what];
