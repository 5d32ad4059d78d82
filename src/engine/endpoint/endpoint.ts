/** How TLS is spoken with an engine: files, which are read when a connection is made. */
export interface TlsSettings {
  /** Whom to trust; undefined for whom the world trusts. */
  readonly ca?: string | undefined;
  /** Who we are. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Whether the engine has to prove who it is. */
  readonly verify: boolean;
}

/** A way to an engine. */
export type Address = UnixAddress | TcpAddress | SshAddress;

export interface UnixAddress {
  readonly socketPath: string;
}

export interface TcpAddress {
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** What stands before every path: `/engine`, or nothing. */
  readonly basePath: string;
  readonly tls?: TlsSettings | undefined;
}

/** What is undefined is as ssh and the other side have it. */
export interface SshAddress {
  readonly sshHost: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  /** The engine's socket on the other side. */
  readonly remoteSocket?: string | undefined;
}

/** What can decide where the engine is, the strongest first; from `default` on, sockets that are looked for. */
export type EndpointSource =
  | "--context"
  | "--host"
  | "DOCKER_HOST"
  | "DOCKER_CONTEXT"
  | "currentContext"
  | "default"
  | "rootless"
  | "Docker Desktop"
  | "Colima"
  | "OrbStack"
  | "Podman";

/** Where the engine listens, and what decided it. */
export type Endpoint = Address & { readonly from: EndpointSource };

/** As people write it, and as nothing else is written: a socket by its path, anything else as an URL. */
export function placeOf(address: Address): string {
  if ("socketPath" in address) return address.socketPath;
  if ("sshHost" in address) {
    const { sshHost, user, port, remoteSocket = "" } = address;
    return `ssh://${user === undefined ? "" : `${user}@`}${bracketed(sshHost)}${port === undefined ? "" : `:${port}`}${remoteSocket}`;
  }
  return `tcp://${bracketed(address.host)}:${address.port}${address.basePath}`;
}

/** As HTTP calls it; a proxy may go by it. */
export const authorityOf = (address: Address): string =>
  "basePath" in address ? `${bracketed(address.host.replace(/%.*/, ""))}:${address.port}` : "engine";

const bracketed = (host: string) => (host.includes(":") ? `[${host}]` : host);
