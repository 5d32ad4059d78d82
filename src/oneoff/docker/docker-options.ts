import type { PortBinding } from "../../engine/host-types.ts";
import type { HostConfig } from "../../engine/types.ts";
import { formatCsv, formatMount, formatPairs } from "./docker-mount.ts";

/** An option and its value; or `#` and a setting that `docker run` has no option for. */
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

/** Fields that are copied from container to container unchecked. */
interface UncheckedFields {
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

type KnownConfig = Omit<HostConfig, keyof UncheckedFields> & UncheckedFields;

const flag = (option: string) => (on: boolean) => (on ? [[option]] : []);
const one = (option: string) => (value: string | number) => [[option, String(value)]];
const each = (option: string) => (values: List) => values.map((value) => [option, value]);
const rates = (option: string) => (values: readonly Rate[]) =>
  values.map(({ Path, Rate }) => [option, `${Path}:${Rate}`]);

/** The option of `docker run` (28) for each field, in the order of the output. */
const OPTIONS: { readonly [Key in keyof HostConfig]-?: (value: NonNullable<KnownConfig[Key]>) => readonly Line[] } = {
  AutoRemove: flag("--rm"),
  // An engine may be configured to use an init by default.
  Init: (on) => [[on ? "--init" : "--init=false"]],
  LogConfig: ({ Type, Config }) => [
    ...(Type === "" ? [] : [["--log-driver", Type]]),
    ...each("--log-opt")(formatPairs(Config)),
  ],
  // The docker client sends the size of its own terminal.
  ConsoleSize: () => [],
  NetworkMode: one("--network"),
  Links: each("--link"),
  PortBindings: (bindings) =>
    Object.entries(bindings).flatMap(([port, all]) => all.map((binding) => ["--publish", formatPort(port, binding)])),
  Binds: each("--volume"),
  Mounts: (mounts) => mounts.map((mount) => ["--mount", formatMount(mount)]),
  VolumesFrom: (containers) => each("--volumes-from")(containers),
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
  KernelMemoryTCP: () => [noOption("the kernel memory limit of TCP")],
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
  StorageOpt: (options) => each("--storage-opt")(formatPairs(options)),
  Ulimits: (limits) => limits.map(({ Name, Soft, Hard }) => ["--ulimit", `${Name}=${Soft}:${Hard}`]),
  Sysctls: (settings) => each("--sysctl")(formatPairs(settings)),
  Dns: each("--dns"),
  DnsOptions: each("--dns-option"),
  DnsSearch: each("--dns-search"),
  ExtraHosts: each("--add-host"),
  Privileged: flag("--privileged"),
  CapAdd: each("--cap-add"),
  CapDrop: each("--cap-drop"),
  // The engine keeps the text of a profile, and docker takes a file name.
  SecurityOpt: (options) =>
    options.map((option) =>
      option.startsWith("seccomp={") ? noOption("a custom seccomp profile") : ["--security-opt", option],
    ),
  GroupAdd: each("--group-add"),
  Devices: (devices) =>
    devices.map((device) => ["--device", `${device.PathOnHost}:${device.PathInContainer}:${device.CgroupPermissions}`]),
  DeviceRequests: (requests) => requests.flatMap(toRequestOptions),
  DeviceCgroupRules: each("--device-cgroup-rule"),
  Runtime: one("--runtime"),
  PidMode: one("--pid"),
  IpcMode: one("--ipc"),
  UTSMode: one("--uts"),
  UsernsMode: one("--userns"),
  CgroupnsMode: one("--cgroupns"),
  // Docker has one option that removes both protections.
  MaskedPaths: () => [["--security-opt", "systempaths=unconfined"]],
  ReadonlyPaths: () => [],
  Annotations: (annotations) => each("--annotation")(formatPairs(annotations)),
};

/** Converts the fields to options of `docker run`. */
export const toHostOptions = (config: HostConfig): Line[] =>
  (Object.keys(OPTIONS) as (keyof HostConfig)[]).flatMap((key) => {
    const value = config[key];
    return value === undefined || value === null ? [] : (OPTIONS[key] as (value: unknown) => readonly Line[])(value);
  });

/** `127.0.0.1::9229/tcp` */
function formatPort(port: string, { HostIp, HostPort }: PortBinding): string {
  const address = HostIp.includes(":") ? `[${HostIp}]` : HostIp;
  return `${address && `${address}:`}${HostIp || HostPort ? `${HostPort}:` : ""}${port}`;
}

/** CDI devices and GPUs; docker has no option for other requests. */
function toRequestOptions({ Driver, Count, DeviceIDs, Capabilities, Options }: DeviceRequest): readonly Line[] {
  const ids = DeviceIDs ?? [];
  if (Driver === "cdi") return each("--device")(ids);
  const [capabilities = [], ...alternatives] = Capabilities ?? [];
  if (alternatives.length > 0 || !capabilities.includes("gpu")) return [noOption("devices of a device driver")];
  const more = capabilities.filter((capability) => capability !== "gpu");
  const fields = [
    ...(Driver ? [`driver=${Driver}`] : []),
    ids.length > 0 ? `device=${ids.join(",")}` : `count=${Count === -1 ? "all" : Count}`,
    ...(more.length > 0 ? [`capabilities=${more.join(",")}`] : []),
    ...(Object.keys(Options ?? {}).length > 0 ? [`options=${formatCsv(formatPairs(Options))}`] : []),
  ];
  return [["--gpus", formatCsv(fields)]];
}

const noOption = (what: string): Line => ["#", what];
