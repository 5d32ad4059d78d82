import type { EndpointConfig, LogConfig } from "./types.ts";

/**
 * Differences between Docker and Podman. All of them are declared here and used as
 * `engine.quirks`.
 */
export interface EngineQuirks {
  readonly name: "docker" | "podman";
  /** Whether containers can be filtered by every state. */
  readonly filtersStates: boolean;
  /** Docker's names for states of the engine. */
  readonly states: Readonly<Record<string, string>>;
  /** Docker's names for events of the engine. */
  readonly events: Readonly<Record<string, string>>;
  /** Whether the engine adds the variable to every container. */
  isOwnEnv(pair: string, hostname: string | undefined): boolean;
  /** Docker's name of a ulimit: `nofile`. */
  limitName(name: string): string;
  /** Whether the engine adds the annotation to every container. */
  isOwnAnnotation(name: string): boolean;
  /** The limit of processes of a container without a limit. */
  readonly defaultPidsLimit: number | undefined;
  /** The lowest MemorySwappiness that is set explicitly. */
  readonly minSwappiness: number;
  /** Whether a container with a shared PID namespace can have an init, which is not PID 1 there. */
  readonly allowsInitWithSharedPid: boolean;
  /** Whether links resolve to other containers. */
  readonly resolvesLinks: boolean;
  /** Whether GPUs of a create request are used. */
  readonly suppliesGpus: boolean;
  /** Whether a seccomp profile is the text of a file; Podman reads the file itself. */
  readonly takesProfileText: boolean;
  /** Whether inspect has the permissions of devices. */
  readonly reportsDeviceAccess: boolean;
  /** Whether ConsoleSize at create is ignored, and a resize works after attach. */
  readonly resizesAfterAttach: boolean;
  /**
   * Whether wait may miss an exit. Podman reports it with an event, which may be too early for the listener, or
   * lost when its event file rotates. Podman 4 reports none for a container that is removed on exit.
   */
  readonly missesExits: boolean;
  /** Whether inspect of an exec has the PID after the command has exited. */
  readonly keepsExecPids: boolean;
  /** Delays in milliseconds after which the last terminal size is sent again. */
  readonly resizeRepeatsMs: readonly number[];
  /** Whether a commit uses exactly the given Config. */
  readonly commitsConfig: boolean;
  /** Whether the engine's ID is stable; Podman generates one for each answer. */
  readonly hasStableId: boolean;
  /** Whether inspect of an image has its HEALTHCHECK. */
  readonly reportsHealthcheck: boolean;
  /** Whether the engine runs health checks itself; Podman relies on systemd. */
  readonly checksHealth: boolean;
  /** The registry prefix that the engine adds to short image names. */
  readonly registries: RegExp;
  /** The request that removes a container with its anonymous volumes, and the query that kills it first. */
  readonly removal: {
    readonly path: string;
    readonly query: Readonly<Record<string, number>>;
    readonly force: Readonly<Record<string, number>>;
  };
  /**
   * The log of a detached one-off. It keeps bytes unchanged, and at least the last 10 MB for lines of
   * 8 bytes or more on average.
   */
  readonly boundedLog: LogConfig;
  /** Whether all parts of a long log line have the time of the first part. */
  readonly partsShareTime: boolean;
  /** Formats a time for the query of logs. @param time in seconds since 1970, with nanoseconds. */
  logTime(time: string): string;
  /** The endpoint config that keeps the address of a container which rejoins a network. */
  withAddress(address: string | undefined): EndpointConfig;
}

const DOCKER: EngineQuirks = {
  name: "docker",
  filtersStates: true,
  states: {},
  events: {},
  isOwnEnv: () => false,
  limitName: (name) => name,
  isOwnAnnotation: () => false,
  defaultPidsLimit: undefined,
  minSwappiness: 0,
  allowsInitWithSharedPid: true,
  resolvesLinks: true,
  suppliesGpus: true,
  takesProfileText: true,
  reportsDeviceAccess: true,
  resizesAfterAttach: false,
  missesExits: false,
  keepsExecPids: true,
  resizeRepeatsMs: [],
  commitsConfig: true,
  hasStableId: true,
  reportsHealthcheck: true,
  checksHealth: true,
  registries: /^$/,
  removal: { path: "/containers", query: { v: 1 }, force: { force: 1 } },
  // json-file replaces bytes that are not UTF-8. Compressed files would be decompressed for every read of the log.
  boundedLog: { Type: "local", Config: { "max-size": "3m", "max-file": "20", compress: "false" } },
  partsShareTime: true,
  logTime: (time) => time,
  // Docker assigns the lowest free address, and rejects a requested address in networks without a configured subnet.
  withAddress: () => ({}),
};

const PODMAN: EngineQuirks = {
  name: "podman",
  filtersStates: false,
  states: { configured: "created", initialized: "created", stopping: "running", stopped: "exited" },
  // Since version 5 Podman has Docker's name for the exit event, also in filters.
  events: { died: "die", remove: "destroy" },
  isOwnEnv: (pair, hostname) =>
    pair === `HOSTNAME=${hostname}` || /^(container=podman|TERM=xterm|HOME=\/root|HOSTNAME=[0-9a-f]{12})$/.test(pair),
  limitName: (name) => name.replace(/^RLIMIT_/, "").toLowerCase(),
  isOwnAnnotation: (name) =>
    /^(io\.container\.|io\.podman\.|org\.opencontainers\.image\.|org\.systemd\.property\.)/.test(name),
  defaultPidsLimit: 2048,
  minSwappiness: 1,
  allowsInitWithSharedPid: false,
  resolvesLinks: false,
  suppliesGpus: false,
  takesProfileText: false,
  reportsDeviceAccess: false,
  resizesAfterAttach: true,
  missesExits: true,
  keepsExecPids: false,
  // conmon uses the first of several pending sizes.
  resizeRepeatsMs: [100, 500, 2000],
  commitsConfig: false,
  hasStableId: false,
  reportsHealthcheck: false,
  checksHealth: false,
  // Docker's endpoint makes Podman stop the container with its full stop timeout.
  removal: { path: "/libpod/containers", query: { volumes: 1 }, force: { force: 1, timeout: 0 } },
  // Podman rejects `local`. Its k8s-file keeps bytes in one file, which is truncated when it is full.
  boundedLog: { Type: "json-file", Config: { "max-size": "60m" } },
  partsShareTime: false,
  // Podman parses only the microseconds of a number.
  logTime: (time) =>
    `${new Date(Math.trunc(Number(time)) * 1000).toISOString().slice(0, 19)}.${time.split(".")[1] ?? 0}Z`,
  registries: /^(docker\.io\/(library\/)?|localhost\/)/,
  // Podman assigns addresses in ascending order.
  withAddress: (address) => (address ? { IPAMConfig: { IPv4Address: address } } : {}),
};

/** The filter values for an event on every engine. */
export const eventNames = (event: string): string[] => [
  event,
  ...Object.keys(PODMAN.events).filter((own) => PODMAN.events[own] === event),
];

/** @param server the `Server` of an answer: `Docker/28.5.2 (linux)`, `Libpod/5.8.6 (linux)`. */
export const quirksOf = (server: string | undefined): EngineQuirks =>
  /^libpod\//i.test(server ?? "") ? PODMAN : DOCKER;

/** The name of an image without the registry prefix that the engine adds. */
export const shortName = ({ quirks }: { readonly quirks: EngineQuirks }, image: string): string =>
  image.replace(quirks.registries, "");

/**
 * Maps the status of a rejection: for an invalid state of a container Docker answers 409 and Podman 500, also for
 * a container in removal.
 */
export function statusOf(status: number, reason: string): number {
  if (status !== 500) return status;
  if (reason.includes("container state improper")) return 409;
  return /^(no container with|container \w+ does not exist in database).*: no such container$/.test(reason) ? 404 : 500;
}

/** Used before the first answer of an engine. */
export const COMMON = DOCKER;

/**
 * Sends a request for the expected engine, and retries if the rejection shows that the engine is of another kind, so
 * that the kind of engine need not be requested first.
 * @param request must change nothing if it is rejected.
 */
export async function withQuirks<T>(
  engine: { readonly quirks: EngineQuirks },
  request: (quirks: EngineQuirks) => Promise<T>,
): Promise<T> {
  const assumed = engine.quirks;
  try {
    return await request(assumed);
  } catch (error) {
    if (engine.quirks === assumed) throw error;
    return await request(engine.quirks);
  }
}
