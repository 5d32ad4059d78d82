import type { EndpointConfig } from "./endpoint-config.ts";
import type { LogConfig } from "./types.ts";

/**
 * What engines of one API say and understand differently. Everything that is not the same everywhere is here, and asked for
 * where it matters: `engine.dialect`.
 */
export interface Dialect {
  readonly name: "docker" | "podman";
  /** Whether containers can be asked for by the state that they are in, whichever that is. */
  readonly filtersStates: boolean;
  /** What Docker would say for a state of its own. */
  readonly states: Readonly<Record<string, string>>;
  /** What Docker would say for what happens to a container. */
  readonly events: Readonly<Record<string, string>>;
  /** Whether a variable is one that it gives to every container. */
  isOwnEnv(pair: string, hostname: string | undefined): boolean;
  /** A resource that it limits for a process, named as Docker does: `nofile`. */
  limitName(name: string): string;
  /** Whether an annotation is one that it gives to every container. */
  isOwnAnnotation(name: string): boolean;
  /** The limit of processes of a container that asked for none. */
  readonly defaultPidsLimit: number | undefined;
  /** The lowest MemorySwappiness that is a choice and not the lack of one. */
  readonly leastSwappiness: number;
  /** Whether it gives an init also to who shares the processes of others, where that is not the first of them. */
  readonly initsAmongOthers: boolean;
  /** Whether a container can resolve others by links. */
  readonly resolvesLinks: boolean;
  /** Whether it tells what may be done with a device of a container. */
  readonly tellsDeviceAccess: boolean;
  /** Whether it heeds no size of a terminal that is told at create, but takes one once there is an attachment. */
  readonly isSizedByAttaching: boolean;
  /**
   * Whether an exit that is waited for may be missed: it is told by an event, which nobody hears who listens too late, or
   * whose file of events has just been begun anew; or, in version 4, not at all where the container goes with it.
   */
  readonly missesExits: boolean;
  /** Whether it still tells the PID of an exec's command when that has ended. */
  readonly keepsExecPids: boolean;
  /** When the last size of a terminal is told once more, in milliseconds after it has changed. */
  readonly sizeAgain: readonly number[];
  /** Whether a commit has the Config that it is given, no more and no less. */
  readonly commitsConfig: boolean;
  /** Whether the id that it reports stays the same; Podman makes one up for each answer. */
  readonly hasLastingId: boolean;
  /** Whether what it says of an image has the HEALTHCHECK. */
  readonly tellsHealthcheck: boolean;
  /** Whether it carries that out by itself, wherever it is; else systemd does, where there is one. */
  readonly checksHealth: boolean;
  /** What stands in front of the names of images that have been given without. */
  readonly registries: RegExp;
  /** Where a container is removed with its anonymous volumes, and what has it killed at once for that. */
  readonly removal: {
    readonly path: string;
    readonly query: Readonly<Record<string, number>>;
    readonly force: Readonly<Record<string, number>>;
  };
  /**
   * The log of a one-off that nobody is attached to. It keeps bytes, and of what is written at least 10 MB where a line has
   * 8 bytes or more.
   */
  readonly boundedLog: LogConfig;
  /** Whether the parts of a long line all have the time of the first one in a log. */
  readonly partsShareTime: boolean;
  /** A moment as it takes it for logs. @param time in seconds since 1970, with nanoseconds for a fraction. */
  logTime(time: string): string;
  /** How a container that joins a network again gets the address that it had. */
  withAddress(address: string | undefined): EndpointConfig;
}

const DOCKER: Dialect = {
  name: "docker",
  filtersStates: true,
  states: {},
  events: {},
  isOwnEnv: () => false,
  limitName: (name) => name,
  isOwnAnnotation: () => false,
  defaultPidsLimit: undefined,
  leastSwappiness: 0,
  initsAmongOthers: true,
  resolvesLinks: true,
  tellsDeviceAccess: true,
  isSizedByAttaching: false,
  missesExits: false,
  keepsExecPids: true,
  sizeAgain: [],
  commitsConfig: true,
  hasLastingId: true,
  tellsHealthcheck: true,
  checksHealth: true,
  registries: /^$/,
  removal: { path: "/containers", query: { v: 1 }, force: { force: 1 } },
  // json-file replaces bytes that are not UTF-8. Compressed files would be unpacked again for each reading of the log.
  boundedLog: { Type: "local", Config: { "max-size": "3m", "max-file": "20", compress: "false" } },
  partsShareTime: true,
  logTime: (time) => time,
  // The lowest that is free is given to whoever comes; to ask for one is refused where the network's range is not chosen.
  withAddress: () => ({}),
};

const PODMAN: Dialect = {
  name: "podman",
  filtersStates: false,
  states: { configured: "created", initialized: "created", stopping: "running", stopped: "exited" },
  // Since version 5 it says the same as Docker of an end, and is asked for it by that name.
  events: { died: "die", remove: "destroy" },
  isOwnEnv: (pair, hostname) =>
    pair === `HOSTNAME=${hostname}` || /^(container=podman|TERM=xterm|HOME=\/root|HOSTNAME=[0-9a-f]{12})$/.test(pair),
  limitName: (name) => name.replace(/^RLIMIT_/, "").toLowerCase(),
  isOwnAnnotation: (name) =>
    /^(io\.container\.|io\.podman\.|org\.opencontainers\.image\.|org\.systemd\.property\.)/.test(name),
  defaultPidsLimit: 2048,
  leastSwappiness: 1,
  initsAmongOthers: false,
  resolvesLinks: false,
  tellsDeviceAccess: false,
  isSizedByAttaching: true,
  missesExits: true,
  keepsExecPids: false,
  // Of several sizes that conmon finds at once it takes the first.
  sizeAgain: [100, 500, 2000],
  commitsConfig: false,
  hasLastingId: false,
  tellsHealthcheck: false,
  checksHealth: false,
  // Docker's path has it stop what runs, for as long as that has been given to heed it.
  removal: { path: "/libpod/containers", query: { volumes: 1 }, force: { force: 1, timeout: 0 } },
  // It refuses `local`. What it calls k8s-file keeps bytes, in one file, which begins again when it is full.
  boundedLog: { Type: "json-file", Config: { "max-size": "60m" } },
  partsShareTime: false,
  // Of a number it knows no more than the microseconds.
  logTime: (time) =>
    `${new Date(Math.trunc(Number(time)) * 1000).toISOString().slice(0, 19)}.${time.split(".")[1] ?? 0}Z`,
  registries: /^(docker\.io\/(library\/)?|localhost\/)/,
  // One is given after the other.
  withAddress: (address) => (address ? { IPAMConfig: { IPv4Address: address } } : {}),
};

/** What to ask for to be told of an event, whichever engine that will be. */
export const eventNames = (event: string): string[] => [
  event,
  ...Object.keys(PODMAN.events).filter((own) => PODMAN.events[own] === event),
];

/** @param server the `Server` of an answer: `Docker/28.5.2 (linux)`, `Libpod/5.8.6 (linux)`. */
export const dialectOf = (server: string | undefined): Dialect => (/^libpod\//i.test(server ?? "") ? PODMAN : DOCKER);

/** The name of an image as it was given. */
export const shortName = ({ dialect }: { readonly dialect: Dialect }, image: string): string =>
  image.replace(dialect.registries, "");

/**
 * Of a refusal: what a container's state does not allow is a conflict with Docker, and an error of its own with Podman; as is
 * there what goes while it is being removed.
 */
export function statusOf(status: number, reason: string): number {
  if (status !== 500) return status;
  if (reason.includes("container state improper")) return 409;
  return /^(no container with|container \w+ does not exist in database).*: no such container$/.test(reason) ? 404 : 500;
}

/** As long as no engine has answered. */
export const COMMON = DOCKER;

/**
 * Asks as the engine is expected to understand it, and once more where its refusal shows that it is of another kind: so
 * that no engine has to be asked first what it is.
 * @param ask must change nothing when it is refused.
 */
export async function inDialect<T>(
  engine: { readonly dialect: Dialect },
  ask: (dialect: Dialect) => Promise<T>,
): Promise<T> {
  const assumed = engine.dialect;
  try {
    return await ask(assumed);
  } catch (error) {
    if (engine.dialect === assumed) throw error;
    return await ask(engine.dialect);
  }
}
