import { posix } from "node:path";
import { COMMON, type Dialect } from "../../engine/dialect.ts";
import type { ImageDetails } from "../../engine/image-types.ts";
import type { ContainerDetails, HostConfig, Mount } from "../../engine/types.ts";
import { COPIED_UNCHANGED } from "./copied-fields.ts";

/** What a fresh container takes over from one that is there, as parts of the body that creates it. */
export interface ContainerCopy {
  /** The id of the container it is taken from, and its name. */
  readonly source: string;
  readonly sourceName: string;
  /** The image's id: a tag may mean another one by now. */
  readonly image: string;
  readonly env: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly entrypoint: readonly string[] | null;
  /** Where it is not the image's. */
  readonly stopSignal?: string;
  /** In seconds. */
  readonly stopTimeout?: number;
  /** Set where the engine gives it none. */
  readonly init?: false;
  readonly hostConfig: Partial<HostConfig>;
  /** The first is joined at create, the others before the start; without aliases, so that no traffic finds a one-off. */
  readonly networks: readonly string[];
  /** Legacy links, as create takes them: `db:alias`. */
  readonly links?: readonly string[];
  /** By network. */
  readonly networkLinks?: Readonly<Record<string, readonly string[]>>;
}

/**
 * @param image the container's own, where it is to be copied with another: what came from the one must not hide what the
 * other sets.
 */
export function copyContainer(
  container: ContainerDetails,
  image?: ImageDetails,
  dialect: Dialect = COMMON,
): ContainerCopy {
  const { Config, HostConfig } = container;
  const ofImage = new Set(image?.Config?.Env ?? []);
  // Swarm's own: nobody may join it.
  const networks = Object.keys(container.NetworkSettings.Networks).filter((name) => name !== "ingress");
  const first = networks.includes(HostConfig.NetworkMode ?? "") ? (HostConfig.NetworkMode as string) : networks[0];
  const alone = first === undefined || /^(host|none|container:.*)$/.test(HostConfig.NetworkMode ?? "");
  return {
    source: container.Id,
    sourceName: container.Name.replace(/^\//, ""),
    image: container.Image,
    env: (Config.Env ?? []).filter((pair) => !ofImage.has(pair)),
    user: Config.User === image?.Config?.User ? "" : Config.User,
    workingDir: Config.WorkingDir === image?.Config?.WorkingDir ? "" : Config.WorkingDir,
    ...(Config.StopSignal && Config.StopSignal !== image?.Config?.StopSignal && { stopSignal: Config.StopSignal }),
    ...(Config.StopTimeout !== undefined && { stopTimeout: Config.StopTimeout }),
    // What was taken away from the image's is an empty word: nothing at all would mean the image's.
    entrypoint:
      image && equalArgs(Config.Entrypoint, image.Config?.Entrypoint)
        ? null
        : Config.Entrypoint?.length
          ? Config.Entrypoint
          : [""],
    ...(isSet(HostConfig.PidMode) && !dialect.initsAmongOthers && { init: false }),
    hostConfig: {
      ...(HostConfig.Binds?.length && { Binds: HostConfig.Binds }),
      ...copyFields(HostConfig, dialect),
      ...(HostConfig.Devices?.length &&
        !dialect.tellsDeviceAccess && { Devices: HostConfig.Devices.map(withFullAccess) }),
      Mounts: copyMounts(container),
    },
    ...copyLinks(container),
    networks: alone ? [HostConfig.NetworkMode ?? "default"] : [first, ...networks.filter((name) => name !== first)],
  };
}

/** Nobody gives a container a device for less, unless asked to. */
const withFullAccess = (device: object) => ({ ...device, CgroupPermissions: "rwm" });

function copyLinks({ HostConfig, NetworkSettings }: ContainerDetails): Pick<ContainerCopy, "links" | "networkLinks"> {
  // `/db:/web/alias`: from, and as which name of whom.
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

function copyFields(config: HostConfig, dialect: Dialect): Partial<HostConfig> {
  const annotations = Object.entries(config.Annotations ?? {}).filter(([name]) => !dialect.isOwnAnnotation(name));
  const pids = config.PidsLimit === dialect.defaultPidsLimit ? null : config.PidsLimit;
  const changed: Partial<HostConfig> = {
    Annotations: Object.fromEntries(annotations),
    PidsLimit: pids ?? null,
    // Podman prints what it makes of NanoCpus as well; engines refuse both forms at once.
    ...(config.NanoCpus && { CpuPeriod: 0, CpuQuota: 0 }),
  };
  const fieldOf = (key: keyof HostConfig) => (Object.hasOwn(changed, key) ? changed[key] : config[key]);
  return Object.fromEntries(
    KEYS.map((key) => [key, fieldOf(key)] as const).filter(([key, value]) => {
      // An empty list takes the protection of all paths away; otherwise it is the engine's own.
      if (key === "MaskedPaths" || key === "ReadonlyPaths") return Array.isArray(value) && value.length === 0;
      if (key === "MemorySwappiness") return typeof value === "number" && value >= dialect.leastSwappiness;
      return isSet(value);
    }),
  );
}

/** The engine gives what was never set as null, empty or zero; a private IPC or PID space is the one-off's own anyway. */
function isSet(value: unknown): boolean {
  if (value === null || value === undefined || value === "" || value === 0 || value === false) return false;
  if (value === "private" || value === "shareable") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

/** As the engine prints destinations. */
const cleanPath = (path: string) => posix.resolve("/", path);

/** What `Binds` does not say: typed mounts, and the volumes that the engine has named itself or taken from others. */
function copyMounts({ HostConfig, Mounts }: ContainerDetails): Mount[] {
  const bound = new Set((HostConfig.Binds ?? []).flatMap((bind) => bind.split(":").slice(1, 2).map(cleanPath)));
  const typed = new Map((HostConfig.Mounts ?? []).map((mount) => [cleanPath(mount.Target), mount]));
  const tmpfs = [...typed.values()].filter(({ Type }) => Type === "tmpfs");
  const actual = Mounts.filter(({ Type, Destination }) => Type !== "tmpfs" && !bound.has(cleanPath(Destination)));
  return [
    ...tmpfs,
    ...actual.map(({ Type, Name, Source, Destination, RW }): Mount => {
      const wanted = typed.get(cleanPath(Destination));
      const Source_ = Type === "volume" ? Name || volumeName(Source) : Source;
      return { ...wanted, Type, Target: Destination, ReadOnly: !RW, ...(Source_ && { Source: Source_ }) };
    }),
  ];
}

/** Docker 28 leaves out the name that it has given to a volume of `Binds`: it is that of the volume's folder. */
const volumeName = (source: string) => /\/([0-9a-f]{64})\/_data$/.exec(source)?.[1];

const equalArgs = (a: readonly string[] | null | undefined, b: readonly string[] | null | undefined) =>
  JSON.stringify(a ?? []) === JSON.stringify(b ?? []);
