import type { EndpointLink } from "../../engine/endpoint/endpoint-chain.ts";
import type { SwarmNode } from "../../engine/swarm/node-types.ts";
import type { SwarmMembership } from "../../engine/swarm/nodes.ts";
import type { EngineInfo, EngineVersion } from "../../engine/system.ts";
import type { OneoffError } from "../../errors/error.ts";
import type { Shortfall } from "../../oneoff/apps/degraded.ts";

/** The state of the engine and this machine. Unknown values are undefined. */
export interface Facts {
  readonly chain: readonly EndpointLink[];
  readonly engine: EngineFacts;
  /** The socket of the engine, if it has one. */
  readonly socket: SocketFacts | undefined;
  readonly disks: readonly Disk[];
  readonly folders: readonly Folder[];
  readonly terminal: TerminalFacts;
  readonly proxies: ProxyFacts;
  readonly credentials: CredentialFacts;
}

export interface EngineFacts {
  /** The error of an engine that cannot be reached. */
  readonly error?: OneoffError;
  readonly version?: EngineVersion;
  readonly info?: EngineInfo;
  /** Seconds that the engine's clock is ahead of this machine's. */
  readonly skew?: number | undefined;
  /** `volumes` are left without a container. */
  readonly oneoffs?: { readonly live: number; readonly overdue: number; readonly volumes: number };
  /** Undefined outside of a Swarm. */
  readonly swarm?: SwarmFacts | undefined;
  /** Processes of deployed apps. */
  readonly processes?: { readonly count: number; readonly down: readonly Shortfall[] };
}

export interface SwarmFacts extends Pick<SwarmMembership, "isManager" | "state" | "error" | "managers"> {
  /** Undefined if the engine is not a manager, or its Swarm has no leader. */
  readonly nodes: readonly SwarmNode[] | undefined;
}

export interface SocketFacts {
  /** The group's name, or its number without a name. */
  readonly group: string;
  /** E.g. `660`. */
  readonly mode: string;
  /** Whether this session is in the group, and whether the user is, who may have joined after login. */
  readonly isIn: boolean;
  readonly isMember: boolean;
}

/** Free and total space of a disk, in bytes. */
export interface Disk {
  readonly what: "engine" | "here";
  readonly path: string;
  readonly free: number;
  readonly total: number;
}

/** A folder of oneoff. */
export interface Folder {
  readonly what: "config" | "state" | "cache";
  /** Undefined without a home directory. */
  readonly path: string | undefined;
  /** Why the folder is not writable; undefined if it is. */
  readonly problem: string | undefined;
}

export interface TerminalFacts {
  readonly input: string;
  readonly isTerminal: boolean;
  readonly size: { readonly columns: number; readonly rows: number } | undefined;
  readonly hasStty: boolean;
  readonly term: string | undefined;
}

export interface ProxyFacts {
  /** Proxy variables in the environment. */
  readonly ofEnvironment: readonly string[];
  /** Whether docker's config.json has proxies, which containers get. */
  readonly ofDocker: boolean;
}

export interface CredentialFacts {
  /** Credential helpers of docker's config.json that are not installed. */
  readonly missing: readonly string[];
  /** Why docker's config.json cannot be read. */
  readonly problem: string | undefined;
}

/** The result of a check. `fail` means that `run` does not work. */
export interface Finding {
  readonly status: "ok" | "warn" | "fail";
  readonly check: string;
  readonly message: string;
  /** How to fix it. */
  readonly next?: string | undefined;
}

export const ok = (check: string, message: string): Finding => ({ status: "ok", check, message });
export const warn = (check: string, message: string, next?: string): Finding => ({
  ...{ status: "warn", check, message, next },
});
export const fail = (check: string, message: string, next?: string): Finding => ({
  ...{ status: "fail", check, message, next },
});
