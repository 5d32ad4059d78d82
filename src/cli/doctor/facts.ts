import type { EndpointLink } from "../../engine/endpoint/endpoint-chain.ts";
import type { EngineInfo, EngineVersion } from "../../engine/system.ts";
import type { OneoffError } from "../../errors/error.ts";
import type { Shortfall } from "../../oneoff/apps/shortfalls.ts";

/** All that was seen of the world. What is undefined could not be known. */
export interface Facts {
  readonly chain: readonly EndpointLink[];
  readonly engine: EngineFacts;
  /** Of an engine that listens at one. */
  readonly socket: SocketFacts | undefined;
  readonly disks: readonly Disk[];
  readonly folders: readonly Folder[];
  readonly terminal: TerminalFacts;
  readonly proxies: ProxyFacts;
  readonly credentials: CredentialFacts;
}

export interface EngineFacts {
  /** Why nothing is known of it. */
  readonly error?: OneoffError;
  readonly version?: EngineVersion;
  readonly info?: EngineInfo;
  /** How far the engine's clock is ahead of ours, in seconds. */
  readonly skew?: number | undefined;
  /** `volumes` have lost their containers. */
  readonly oneoffs?: { readonly live: number; readonly overdue: number; readonly volumes: number };
  /** Of the apps that oneoff deployed. */
  readonly processes?: { readonly count: number; readonly down: readonly Shortfall[] };
}

export interface SocketFacts {
  /** Its group's name, or its number where it has none. */
  readonly group: string;
  /** As in `660`. */
  readonly mode: string;
  /** Whether our session is in the group; whether we are in it by now, since we have logged in. */
  readonly isIn: boolean;
  readonly isMember: boolean;
}

/** What is left where something is kept, in bytes. */
export interface Disk {
  readonly what: "engine" | "here";
  readonly path: string;
  readonly free: number;
  readonly total: number;
}

/** A folder of ours. */
export interface Folder {
  readonly what: "config" | "state" | "cache";
  /** Undefined where there is no home to have it. */
  readonly path: string | undefined;
  /** Why nothing can be written there; undefined where something can. */
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
  /** The names of variables of ours that name one. */
  readonly ours: readonly string[];
  /** Whether docker's configuration names some, which its own client gives to containers. */
  readonly ofDocker: boolean;
}

export interface CredentialFacts {
  /** Programs that docker's configuration names, and that are not there. */
  readonly missing: readonly string[];
  /** Why docker's configuration cannot be read. */
  readonly problem: string | undefined;
}

/** What was found of one thing: well; not as it should be; or what makes `run` fail. */
export interface Finding {
  readonly status: "ok" | "warn" | "fail";
  readonly check: string;
  readonly message: string;
  /** What mends it. */
  readonly next?: string | undefined;
}

export const ok = (check: string, message: string): Finding => ({ status: "ok", check, message });
export const warn = (check: string, message: string, next?: string): Finding => ({
  ...{ status: "warn", check, message, next },
});
export const fail = (check: string, message: string, next?: string): Finding => ({
  ...{ status: "fail", check, message, next },
});
