import type {
  BlkioConfig,
  ComposeBuild,
  ComposeDependency,
  ComposeDeploy,
  ComposeHealthcheck,
  ComposeHook,
  ComposeMount,
  ComposePort,
  DeviceRequest,
  FileReference,
  ServiceNetwork,
  Strings,
  Ulimits,
} from "./service-parts.ts";

/**
 * A service as Compose prints it: `docker compose config --format json`, with `$$` as `$`. Keys that Compose leaves out are
 * undefined. Sizes are texts with a number of bytes, durations are written as Go writes them (`1m30s`).
 */
export interface ComposeService {
  /** Null: the value of the image. Empty: none. */
  readonly command: readonly string[] | null;
  readonly entrypoint: readonly string[] | null;
  readonly image?: string;
  readonly build?: ComposeBuild;
  /** Without a value: unset, also if the image sets it. */
  readonly environment?: Readonly<Record<string, string | null>>;
  /** Only with `ComposeChoice.keepsVariables`. */
  readonly env_file?: readonly { readonly path: string; readonly required?: boolean; readonly format?: string }[];
  readonly volumes?: readonly ComposeMount[];
  /** By the key of the network. */
  readonly networks?: Readonly<Record<string, ServiceNetwork | null>>;
  readonly network_mode?: string;
  readonly ports?: readonly ComposePort[];
  readonly depends_on?: Readonly<Record<string, ComposeDependency>>;
  readonly secrets?: readonly FileReference[];
  readonly configs?: readonly FileReference[];
  readonly deploy?: ComposeDeploy;
  readonly healthcheck?: ComposeHealthcheck;
  readonly logging?: { readonly driver?: string; readonly options?: Strings };
  readonly ulimits?: Ulimits;
  readonly devices?: readonly { readonly source?: string; readonly target?: string; readonly permissions?: string }[];
  readonly gpus?: readonly DeviceRequest[];
  readonly models?: Readonly<Record<string, { readonly endpoint_var?: string; readonly model_var?: string } | null>>;
  readonly provider?: { readonly type?: string; readonly options?: Readonly<Record<string, readonly string[]>> };
  readonly develop?: { readonly watch?: readonly { readonly action?: string; readonly target?: string }[] };
  readonly credential_spec?: { readonly config?: string; readonly file?: string; readonly registry?: string };
  readonly post_start?: readonly ComposeHook[];
  readonly pre_stop?: readonly ComposeHook[];
  readonly blkio_config?: BlkioConfig;
  readonly profiles?: readonly string[];
  readonly labels?: Strings;
  readonly annotations?: Strings;
  readonly sysctls?: Strings;
  readonly storage_opt?: Strings;
  readonly cap_add?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly device_cgroup_rules?: readonly string[];
  readonly dns?: readonly string[];
  readonly dns_opt?: readonly string[];
  readonly dns_search?: readonly string[];
  readonly expose?: readonly string[];
  /** `host=address` */
  readonly extra_hosts?: readonly string[];
  readonly external_links?: readonly string[];
  readonly links?: readonly string[];
  readonly group_add?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly volumes_from?: readonly string[];
  readonly user?: string;
  readonly working_dir?: string;
  readonly hostname?: string;
  readonly domainname?: string;
  readonly container_name?: string;
  readonly platform?: string;
  readonly pull_policy?: string;
  readonly runtime?: string;
  readonly restart?: string;
  readonly isolation?: string;
  readonly mac_address?: string;
  readonly ipc?: string;
  readonly pid?: string;
  readonly uts?: string;
  readonly cgroup?: string;
  readonly cgroup_parent?: string;
  readonly userns_mode?: string;
  readonly stop_signal?: string;
  readonly stop_grace_period?: string;
  readonly init?: boolean;
  readonly attach?: boolean;
  readonly tty?: boolean;
  readonly stdin_open?: boolean;
  readonly read_only?: boolean;
  readonly privileged?: boolean;
  readonly oom_kill_disable?: boolean;
  readonly use_api_socket?: boolean;
  readonly oom_score_adj?: number;
  readonly pids_limit?: number;
  readonly scale?: number;
  readonly mem_limit?: string;
  readonly mem_reservation?: string;
  readonly memswap_limit?: string;
  readonly mem_swappiness?: string;
  readonly shm_size?: string;
  readonly cpus?: number;
  readonly cpuset?: string;
  readonly cpu_count?: number;
  readonly cpu_percent?: number;
  readonly cpu_period?: number;
  readonly cpu_quota?: number;
  readonly cpu_rt_period?: number;
  readonly cpu_rt_runtime?: number;
  readonly cpu_shares?: number;
}
