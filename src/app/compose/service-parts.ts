export type Strings = Readonly<Record<string, string>>;

export type Ulimits = Readonly<Record<string, number | { readonly soft?: number; readonly hard?: number }>>;

export interface ComposeBuild {
  /** An absolute path, or a URL. */
  readonly context?: string;
  readonly dockerfile?: string;
  readonly dockerfile_inline?: string;
  readonly target?: string;
  readonly args?: Readonly<Record<string, string | null>>;
  readonly labels?: Strings;
  readonly additional_contexts?: Strings;
  readonly cache_from?: readonly string[];
  readonly cache_to?: readonly string[];
  readonly entitlements?: readonly string[];
  readonly extra_hosts?: readonly string[];
  readonly platforms?: readonly string[];
  readonly tags?: readonly string[];
  readonly secrets?: readonly FileReference[];
  readonly ssh?: readonly { readonly id?: string; readonly path?: string }[];
  readonly ulimits?: Ulimits;
  readonly network?: string;
  readonly isolation?: string;
  readonly shm_size?: string;
  readonly provenance?: string;
  readonly sbom?: string;
  readonly no_cache?: boolean;
  readonly pull?: boolean;
  readonly privileged?: boolean;
}

/** In `volumes` of a service. */
export interface ComposeMount {
  readonly type: string;
  /** The path of a bind mount, the key of a volume; a volume without one is anonymous. */
  readonly source?: string;
  readonly target?: string;
  readonly read_only?: boolean;
  readonly consistency?: string;
  readonly bind?: {
    readonly selinux?: string;
    readonly propagation?: string;
    readonly create_host_path?: boolean;
    readonly recursive?: string;
  };
  readonly volume?: { readonly labels?: Strings; readonly nocopy?: boolean; readonly subpath?: string };
  readonly tmpfs?: { readonly size?: string; readonly mode?: number };
  readonly image?: { readonly subpath?: string };
}

/** A network of a service. */
export interface ServiceNetwork {
  readonly aliases?: readonly string[];
  readonly driver_opts?: Strings;
  readonly gw_priority?: number;
  readonly interface_name?: string;
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly link_local_ips?: readonly string[];
  readonly mac_address?: string;
  readonly priority?: number;
}

export interface ComposePort {
  readonly name?: string;
  readonly mode?: string;
  readonly host_ip?: string;
  readonly target?: number;
  /** A port, or a range `8000-8010`; without one the engine chooses. */
  readonly published?: string;
  readonly protocol?: string;
  readonly app_protocol?: string;
}

export interface ComposeDependency {
  readonly condition?: string;
  readonly restart?: boolean;
  readonly required: boolean;
}

/** A secret or config of a service. */
export interface FileReference {
  readonly source?: string;
  readonly target?: string;
  readonly uid?: string;
  readonly gid?: string;
  /** Octal: `0440`. */
  readonly mode?: string;
}

export interface ComposeDeploy {
  readonly mode?: string;
  readonly replicas?: number;
  readonly labels?: Strings;
  readonly resources?: { readonly limits?: ComposeResources; readonly reservations?: ComposeResources };
  readonly restart_policy?: Readonly<Record<string, unknown>>;
  readonly update_config?: Readonly<Record<string, unknown>>;
  readonly rollback_config?: Readonly<Record<string, unknown>>;
  readonly placement?: Readonly<Record<string, unknown>>;
  readonly endpoint_mode?: string;
}

export interface ComposeResources {
  readonly cpus?: number;
  readonly memory?: string;
  readonly pids?: number;
  readonly devices?: readonly DeviceRequest[];
  readonly generic_resources?: readonly unknown[];
}

export interface DeviceRequest {
  readonly capabilities?: readonly string[];
  readonly driver?: string;
  /** -1: all. */
  readonly count?: number;
  readonly device_ids?: readonly string[];
  readonly options?: Strings;
}

export interface ComposeHealthcheck {
  readonly test?: readonly string[];
  readonly timeout?: string;
  readonly interval?: string;
  readonly retries?: number;
  readonly start_period?: string;
  readonly start_interval?: string;
  readonly disable?: boolean;
}

/** A command in a running container. */
export interface ComposeHook {
  readonly command: readonly string[] | null;
  readonly user?: string;
  readonly privileged?: boolean;
  readonly working_dir?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
}

interface Throttle {
  readonly Path: string;
  readonly Rate: string;
}

export interface BlkioConfig {
  readonly weight?: number;
  readonly weight_device?: readonly { readonly Path: string; readonly Weight: number }[];
  readonly device_read_bps?: readonly Throttle[];
  readonly device_read_iops?: readonly Throttle[];
  readonly device_write_bps?: readonly Throttle[];
  readonly device_write_iops?: readonly Throttle[];
}
