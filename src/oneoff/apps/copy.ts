import { posix } from "node:path";
import type { PortBindings } from "../../engine/host-types.ts";
import type { ImageDetails } from "../../engine/image-types.ts";
import type { Mount } from "../../engine/mount-types.ts";
import { COMMON, type EngineQuirks } from "../../engine/quirks.ts";
import type { ContainerDetails, EndpointConfig, HostConfig } from "../../engine/types.ts";
import { COPIED_UNCHANGED } from "./copied-fields.ts";

/** Settings of an existing container or of a Compose service, as parts of the create request. */
export interface ContainerCopy {
  /** The ID of the copied container; undefined for a service. */
  readonly source?: string;
  readonly sourceName?: string;
  /** For a container the ID, because the tag may have moved since. */
  readonly image: string;
  readonly env: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly entrypoint: readonly string[] | null;
  readonly hostname?: string;
  readonly domainname?: string;
  readonly platform?: string;
  /** Unset if the image sets the same signal. */
  readonly stopSignal?: string;
  /** In seconds. */
  readonly stopTimeout?: number;
  /** Set if the engine cannot add an init, e.g. Podman with a shared PID namespace. */
  readonly init?: false;
  readonly hostConfig: Partial<HostConfig>;
  /** Published only with `--service-ports`. */
  readonly ports?: PortBindings;
  /**
   * The first is joined at create, the others before the start. Aliases are not copied, so one-offs receive no traffic.
   */
  readonly networks: readonly string[];
  /** Legacy links in the form of the create request: `db:alias`. */
  readonly links?: readonly string[];
  /** Links by network name. */
  readonly networkLinks?: Readonly<Record<string, readonly string[]>>;
  /** Settings of a Compose file by network name. */
  readonly endpoints?: Readonly<Record<string, EndpointConfig>>;
}

/**
 * @param image the container's image, if the one-off runs another image. Settings that the container inherited from it
 * are not copied, so that they do not override the other image.
 */
export function copyContainer(
  container: ContainerDetails,
  image?: ImageDetails,
  quirks: EngineQuirks = COMMON,
): ContainerCopy {
  const { Config, HostConfig } = container;
  const imageEnv = new Set(image?.Config?.Env ?? []);
  // Containers cannot join Swarm's ingress network.
  const networks = Object.keys(container.NetworkSettings.Networks).filter((name) => name !== "ingress");
  const first = networks.includes(HostConfig.NetworkMode ?? "") ? (HostConfig.NetworkMode as string) : networks[0];
  const hasFixedNetwork = first === undefined || /^(host|none|container:.*)$/.test(HostConfig.NetworkMode ?? "");
  return {
    source: container.Id,
    sourceName: container.Name.replace(/^\//, ""),
    image: container.Image,
    env: (Config.Env ?? []).filter((pair) => !imageEnv.has(pair)),
    user: Config.User === image?.Config?.User ? "" : Config.User,
    workingDir: Config.WorkingDir === image?.Config?.WorkingDir ? "" : Config.WorkingDir,
    ...(Config.StopSignal && Config.StopSignal !== image?.Config?.StopSignal && { stopSignal: Config.StopSignal }),
    ...(Config.StopTimeout !== undefined && { stopTimeout: Config.StopTimeout }),
    // [""] clears the image's entrypoint; null would keep it.
    entrypoint:
      image && equalArgs(Config.Entrypoint, image.Config?.Entrypoint)
        ? null
        : Config.Entrypoint?.length
          ? Config.Entrypoint
          : [""],
    ...(isSet(HostConfig.PidMode) && !quirks.allowsInitWithSharedPid && { init: false }),
    hostConfig: {
      ...(HostConfig.Binds?.length && { Binds: HostConfig.Binds }),
      ...copyFields(HostConfig, quirks),
      ...(HostConfig.Devices?.length &&
        !quirks.reportsDeviceAccess && { Devices: HostConfig.Devices.map(withFullAccess) }),
      Mounts: copyMounts(container),
    },
    ...(isSet(HostConfig.PortBindings) && { ports: HostConfig.PortBindings }),
    ...copyLinks(container),
    networks: hasFixedNetwork
      ? [HostConfig.NetworkMode ?? "default"]
      : [first, ...networks.filter((name) => name !== first)],
  };
}

/** The default of `--device`; Podman's inspect omits the permissions. */
const withFullAccess = <T extends object>(device: T) => ({ ...device, CgroupPermissions: "rwm" });

function copyLinks({ HostConfig, NetworkSettings }: ContainerDetails): Pick<ContainerCopy, "links" | "networkLinks"> {
  // Inspect returns `/db:/web/alias`, create expects `db:alias`.
  const links = (HostConfig.Links ?? []).map((link) => link.replace(/^\//, "").replace(/:.*\//, ":"));
  const networkLinks = Object.entries(NetworkSettings.Networks).flatMap(([network, { Links }]) =>
    Links?.length ? [[network, Links] as const] : [],
  );
  return {
    ...(links.length > 0 && { links }),
    ...(networkLinks.length > 0 && { networkLinks: Object.fromEntries(networkLinks) }),
  };
}

const KEYS: readonly (keyof HostConfig)[] = COPIED_UNCHANGED.flatMap(({ host }) => [...host]);

function copyFields(config: HostConfig, quirks: EngineQuirks): Partial<HostConfig> {
  const annotations = Object.entries(config.Annotations ?? {}).filter(([name]) => !quirks.isOwnAnnotation(name));
  const pids = config.PidsLimit === quirks.defaultPidsLimit ? null : config.PidsLimit;
  const changed: Partial<HostConfig> = {
    Annotations: Object.fromEntries(annotations),
    PidsLimit: pids ?? null,
    // Podman also returns the quota and period that NanoCpus sets; engines refuse both together.
    ...(config.NanoCpus && { CpuPeriod: 0, CpuQuota: 0 }),
  };
  const fieldOf = (key: keyof HostConfig) => (Object.hasOwn(changed, key) ? changed[key] : config[key]);
  return Object.fromEntries(
    KEYS.map((key) => [key, fieldOf(key)] as const).filter(([key, value]) => {
      // An empty list unmasks all paths; any other list is the engine's default.
      if (key === "MaskedPaths" || key === "ReadonlyPaths") return Array.isArray(value) && value.length === 0;
      if (key === "MemorySwappiness") return typeof value === "number" && value >= quirks.minSwappiness;
      return isSet(value);
    }),
  );
}

/** Unset fields are null, empty or zero in inspect. A private IPC or PID namespace is the default. */
function isSet(value: unknown): boolean {
  if (value === null || value === undefined || value === "" || value === 0 || value === false) return false;
  if (value === "private" || value === "shareable") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

/** Normalizes a path as the engine does for destinations. */
const cleanPath = (path: string) => posix.resolve("/", path);

/** Mounts that are not in `Binds`: typed mounts, anonymous volumes, and volumes from other containers. */
function copyMounts({ HostConfig, Mounts }: ContainerDetails): Mount[] {
  const bound = new Set((HostConfig.Binds ?? []).flatMap((bind) => bind.split(":").slice(1, 2).map(cleanPath)));
  const typed = new Map((HostConfig.Mounts ?? []).map((mount) => [cleanPath(mount.Target), mount]));
  const tmpfs = [...typed.values()].filter(({ Type }) => Type === "tmpfs");
  const actual = Mounts.filter(({ Type, Destination }) => Type !== "tmpfs" && !bound.has(cleanPath(Destination)));
  return [
    ...tmpfs,
    ...actual.map(({ Type, Name, Source, Destination, RW }): Mount => {
      const requested = typed.get(cleanPath(Destination));
      const source = Type === "volume" ? Name || volumeName(Source) : Source;
      return { ...requested, Type, Target: Destination, ReadOnly: !RW, ...(source && { Source: source }) };
    }),
  ];
}

/** Docker 28 omits the name of an anonymous volume from `Binds`, so it is read from the volume's folder. */
const volumeName = (source: string) => /\/([0-9a-f]{64})\/_data$/.exec(source)?.[1];

const equalArgs = (a: readonly string[] | null | undefined, b: readonly string[] | null | undefined) =>
  JSON.stringify(a ?? []) === JSON.stringify(b ?? []);
