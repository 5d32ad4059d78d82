/** The used part of the Engine API, with its names. */
import type { Health } from "./health-types.ts";
import type { Device, DeviceRequest, PortBindings } from "./host-types.ts";
import type { Mount } from "./mount-types.ts";

export interface ContainerCreateBody {
  Image: string;
  Cmd: readonly string[];
  Entrypoint?: readonly string[];
  Env: readonly string[];
  Labels: Readonly<Record<string, string>>;
  User?: string;
  WorkingDir?: string;
  Hostname?: string;
  ExposedPorts?: Readonly<Record<string, object>>;
  Domainname?: string;
  StopSignal?: string;
  /** In seconds. */
  StopTimeout?: number;
  Tty: boolean;
  OpenStdin: boolean;
  StdinOnce: boolean;
  AttachStdin: boolean;
  AttachStdout: boolean;
  AttachStderr: boolean;
  Healthcheck: { Test: readonly string[] };
  /** Engines before API 1.44 accept one network at most. */
  NetworkingConfig?: { EndpointsConfig: Readonly<Record<string, EndpointConfig>> };
  HostConfig: HostConfig;
}

export interface LogConfig {
  Type: string;
  /** Null in answers of Podman. */
  Config?: Readonly<Record<string, string>> | null;
}

export interface HostConfig {
  AutoRemove: boolean;
  Init: boolean;
  LogConfig: LogConfig;
  /** Rows, then columns. Engines before API 1.42 ignore it. */
  ConsoleSize?: readonly [number, number];
  NetworkMode?: string;
  /** At create `db:alias`, at inspect `/db:/web/alias`. */
  Links?: readonly string[] | null;
  Binds?: readonly string[] | null;
  Mounts?: readonly Mount[];
  PortBindings?: PortBindings;
  /** Container IDs or names. */
  VolumesFrom?: readonly string[] | null;
  /** In bytes. */
  Memory?: number;
  /** Memory and swap together, in bytes; -1 for no limit. */
  MemorySwap?: number;
  MemoryReservation?: number;
  NanoCpus?: number;
  CpuPeriod?: number;
  CpuQuota?: number;
  PidsLimit?: number | null;
  /** Options by target. */
  Tmpfs?: Readonly<Record<string, string>> | null | undefined;
  /** Copied unchanged from one container to another. */
  ShmSize?: number;
  ReadonlyRootfs?: boolean;
  Dns?: readonly string[] | null;
  DnsOptions?: readonly string[] | null;
  DnsSearch?: readonly string[] | null;
  ExtraHosts?: readonly string[] | null;
  CapAdd?: readonly string[] | null;
  CapDrop?: readonly string[] | null;
  SecurityOpt?: readonly string[] | null;
  Privileged?: boolean;
  GroupAdd?: readonly string[] | null;
  UsernsMode?: unknown;
  Devices?: readonly Device[] | null;
  DeviceRequests?: readonly DeviceRequest[] | null;
  DeviceCgroupRules?: unknown;
  Sysctls?: unknown;
  Ulimits?: readonly { Name: string; Soft: number; Hard: number }[] | null;
  Runtime?: unknown;
  PidMode?: string;
  IpcMode?: string;
  UTSMode?: unknown;
  CgroupnsMode?: unknown;
  MaskedPaths?: readonly string[] | null;
  ReadonlyPaths?: readonly string[] | null;
  Annotations?: Readonly<Record<string, string>> | null;
  MemorySwappiness?: number | null;
  OomKillDisable?: unknown;
  OomScoreAdj?: unknown;
  KernelMemory?: unknown;
  KernelMemoryTCP?: unknown;
  CpuShares?: unknown;
  CpuRealtimePeriod?: unknown;
  CpuRealtimeRuntime?: unknown;
  CpusetCpus?: unknown;
  CpusetMems?: unknown;
  BlkioWeight?: unknown;
  BlkioWeightDevice?: unknown;
  BlkioDeviceReadBps?: unknown;
  BlkioDeviceWriteBps?: unknown;
  BlkioDeviceReadIOps?: unknown;
  BlkioDeviceWriteIOps?: unknown;
  CgroupParent?: unknown;
  StorageOpt?: unknown;
}

export interface CreatedContainer {
  Id: string;
  Warnings?: readonly string[] | null;
}

export interface WaitResult {
  StatusCode: number;
  Error?: { Message?: string } | null;
}

/** `GET /containers/json` */
export interface ContainerSummary {
  Id: string;
  Names: readonly string[];
  Image: string;
  ImageID: string;
  Labels: Readonly<Record<string, string>>;
  /** `created`, `running`, `exited` and others. */
  State: string;
  /** For people: `Exited (137) 3 minutes ago`. */
  Status: string;
  /** The command's arguments joined by spaces. */
  Command: string;
  /** In seconds since 1970. */
  Created: number;
  /** Published ports have an `IP` of the host and a `PublicPort` while the container runs. */
  Ports?: readonly { IP?: string; PrivatePort?: number; PublicPort?: number; Type: string }[];
}

/** `GET /containers/{id}/json` */
export interface ContainerDetails {
  Id: string;
  Name: string;
  /** The image's ID. */
  Image: string;
  /** ISO 8601. */
  Created: string;
  State: {
    /** As in a summary's `State`. */
    Status?: string;
    Running: boolean;
    OOMKilled?: boolean;
    /** ISO 8601; year 1 before the start. */
    StartedAt?: string;
    /** ISO 8601; year 1 before the exit. */
    FinishedAt?: string;
    ExitCode?: number;
    /** Present if the container has a health check. */
    Health?: Health;
  };
  /** Number of starts by the restart policy. */
  RestartCount?: number;
  Config: {
    Hostname?: string;
    Tty?: boolean;
    OpenStdin?: boolean;
    Env: readonly string[] | null;
    User: string;
    WorkingDir: string;
    Entrypoint: readonly string[] | null;
    Cmd?: readonly string[] | null;
    Labels: Readonly<Record<string, string>>;
    StopSignal?: string;
    /** In seconds. */
    StopTimeout?: number;
    /** In nanoseconds. */
    Healthcheck?: { Interval?: number; Retries?: number };
  };
  HostConfig: HostConfig;
  Mounts: readonly { Type: Mount["Type"]; Name?: string; Source: string; Destination: string; RW: boolean }[];
  NetworkSettings: { Networks: Readonly<Record<string, Endpoint>> };
}

/** The endpoint of a container in a network. */
export interface Endpoint {
  IPAddress?: string;
  Gateway?: string;
  Aliases?: readonly string[] | null;
  /** `db:alias` */
  Links?: readonly string[] | null;
}

/** How a container joins a network. */
export interface EndpointConfig {
  Aliases?: readonly string[];
  /** `db:alias` */
  Links?: readonly string[];
  IPAMConfig?: { IPv4Address: string };
  DriverOpts?: Readonly<Record<string, string>>;
  GwPriority?: number;
}
