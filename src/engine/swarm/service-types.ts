import type { Mount } from "../mount-types.ts";

/** A file of a secret or config in a task's container. */
export interface ReferenceFile {
  /** The path in the container; a secret's name may be relative to /run/secrets. */
  readonly Name: string;
  readonly UID: string;
  readonly GID: string;
  /** Permission bits. */
  readonly Mode: number;
}

export interface SecretReference {
  readonly SecretID: string;
  readonly SecretName: string;
  readonly File?: ReferenceFile | null;
}

export interface ConfigReference {
  readonly ConfigID: string;
  readonly ConfigName: string;
  /** Absent for a config that holds a credential spec. */
  readonly File?: ReferenceFile | null;
}

/** A health check; durations are in nanoseconds. */
export interface ServiceHealthcheck {
  readonly Test?: readonly string[] | null;
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

/** The container of each task of a service. */
export interface ContainerSpec {
  readonly Image: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  /** Replaces the ENTRYPOINT of the image. */
  readonly Command?: readonly string[] | null;
  /** Replaces the CMD of the image. */
  readonly Args?: readonly string[] | null;
  readonly Hostname?: string;
  readonly Env?: readonly string[] | null;
  readonly Dir?: string;
  readonly User?: string;
  readonly Groups?: readonly string[] | null;
  readonly Privileges?: ServicePrivileges | null;
  readonly TTY?: boolean;
  readonly OpenStdin?: boolean;
  readonly ReadOnly?: boolean;
  readonly Mounts?: readonly Mount[] | null;
  readonly StopSignal?: string;
  /** In nanoseconds. */
  readonly StopGracePeriod?: number;
  readonly Healthcheck?: ServiceHealthcheck | null;
  /** In the form of /etc/hosts: `10.0.0.1 db`. */
  readonly Hosts?: readonly string[] | null;
  readonly DNSConfig?: {
    readonly Nameservers?: readonly string[] | null;
    readonly Search?: readonly string[] | null;
    readonly Options?: readonly string[] | null;
  } | null;
  readonly Secrets?: readonly SecretReference[] | null;
  readonly Configs?: readonly ConfigReference[] | null;
  readonly Isolation?: string;
  readonly Init?: boolean | null;
  readonly Sysctls?: Readonly<Record<string, string>> | null;
  readonly CapabilityAdd?: readonly string[] | null;
  readonly CapabilityDrop?: readonly string[] | null;
  readonly Ulimits?: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[] | null;
  readonly OomScoreAdj?: number;
}

export interface ServicePrivileges {
  readonly CredentialSpec?: unknown;
  readonly SELinuxContext?: {
    readonly Disable?: boolean;
    readonly User?: string;
    readonly Role?: string;
    readonly Type?: string;
    readonly Level?: string;
  } | null;
  readonly Seccomp?: { readonly Mode?: string; readonly Profile?: string | null } | null;
  readonly AppArmor?: { readonly Mode?: string } | null;
  readonly NoNewPrivileges?: boolean;
}

export interface ServiceResources {
  readonly Limits?: {
    /** In billionths of a CPU. */
    readonly NanoCPUs?: number;
    readonly MemoryBytes?: number;
    readonly Pids?: number;
  } | null;
  readonly Reservations?: {
    readonly NanoCPUs?: number;
    readonly MemoryBytes?: number;
    readonly GenericResources?: unknown;
  } | null;
}

export interface Placement {
  /** `node.labels.disk==ssd`, `node.role!=manager` */
  readonly Constraints?: readonly string[] | null;
  readonly Preferences?: unknown;
  readonly MaxReplicas?: number;
  readonly Platforms?: readonly { readonly Architecture?: string; readonly OS?: string }[] | null;
}

export interface NetworkAttachment {
  /** The ID of a network, or its name in a create request. */
  readonly Target: string;
  readonly Aliases?: readonly string[] | null;
  readonly DriverOpts?: Readonly<Record<string, string>> | null;
}

export interface TaskTemplate {
  /** Absent for a service of a plugin. */
  readonly ContainerSpec?: ContainerSpec;
  readonly Resources?: ServiceResources | null;
  readonly RestartPolicy?: {
    readonly Condition?: "none" | "on-failure" | "any";
    /** In nanoseconds. */
    readonly Delay?: number;
    readonly MaxAttempts?: number;
    readonly Window?: number;
  } | null;
  readonly Placement?: Placement | null;
  readonly Networks?: readonly NetworkAttachment[] | null;
  readonly LogDriver?: { readonly Name?: string; readonly Options?: Readonly<Record<string, string>> | null } | null;
  /** Each increment restarts the tasks. */
  readonly ForceUpdate?: number;
  readonly Runtime?: string;
}

/** Durations are in nanoseconds. */
export interface UpdateConfig {
  /** 0 for all tasks at once. */
  readonly Parallelism: number;
  readonly Delay?: number;
  readonly FailureAction?: "pause" | "continue" | "rollback";
  readonly Monitor?: number;
  readonly MaxFailureRatio?: number;
  readonly Order?: "stop-first" | "start-first";
}

export interface ServicePort {
  readonly Name?: string;
  readonly Protocol?: string;
  readonly TargetPort: number;
  readonly PublishedPort?: number;
  readonly PublishMode?: "ingress" | "host";
}

/** A service as it is created and updated. oneoff never uses the job modes of Swarm: after a restart they run twice. */
export interface ServiceSpec {
  readonly Name: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly TaskTemplate: TaskTemplate;
  readonly Mode?: {
    readonly Replicated?: { readonly Replicas?: number } | null;
    readonly Global?: object | null;
  };
  readonly UpdateConfig?: UpdateConfig | null;
  readonly RollbackConfig?: UpdateConfig | null;
  /** The networks of services that were created before API 1.25. */
  readonly Networks?: readonly NetworkAttachment[] | null;
  readonly EndpointSpec?: {
    readonly Mode?: "vip" | "dnsrr";
    readonly Ports?: readonly ServicePort[] | null;
  } | null;
}

export interface UpdateStatus {
  /** Absent right after an update. */
  readonly State?: "updating" | "paused" | "completed" | "rollback_started" | "rollback_paused" | "rollback_completed";
  /** ISO 8601. */
  readonly StartedAt?: string;
  readonly CompletedAt?: string;
  /** Names the failing task. */
  readonly Message?: string;
}

/** `GET /services` and `GET /services/{id}` */
export interface Service {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  /** ISO 8601, by the clock of the manager. */
  readonly CreatedAt: string;
  readonly UpdatedAt: string;
  readonly Spec: ServiceSpec;
  /** The spec before the last update. Automatic rollbacks remove it. */
  readonly PreviousSpec?: ServiceSpec | null;
  /** Absent after a create, an update of labels only, and an update without changes. */
  readonly UpdateStatus?: UpdateStatus | null;
  /** Only with `status`. Tasks that are being stopped are running here. */
  readonly ServiceStatus?: { readonly RunningTasks: number; readonly DesiredTasks: number } | null;
}
