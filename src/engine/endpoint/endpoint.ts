/** TLS settings of an engine; the files are read for each connection. */
export interface TlsSettings {
  /** The CA file; undefined for the system's CAs. */
  readonly ca?: string | undefined;
  /** The client certificate. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Whether the engine's certificate is verified. */
  readonly verify: boolean;
}

/** The endpoint of an engine. */
export type Address = UnixAddress | TcpAddress | SshAddress;

export interface UnixAddress {
  readonly socketPath: string;
}

export interface TcpAddress {
  /** A host name, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
  /** The base path, `/engine` or empty. */
  readonly basePath: string;
  readonly tls?: TlsSettings | undefined;
}

/** Undefined values use the defaults of ssh and the remote host. */
export interface SshAddress {
  readonly sshHost: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  /** The engine's socket on the remote host. */
  readonly remoteSocket?: string | undefined;
}

/** Sources of the engine's address in order of precedence; from `default` on, known sockets. */
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

/** The endpoint and its source. */
export type Endpoint = Address & { readonly from: EndpointSource };

/** The canonical notation: the path of a socket, or a URL. */
export function placeOf(address: Address): string {
  if ("socketPath" in address) return address.socketPath;
  if ("sshHost" in address) {
    const { sshHost, user, port, remoteSocket = "" } = address;
    return `ssh://${user === undefined ? "" : `${user}@`}${bracketed(sshHost)}${port === undefined ? "" : `:${port}`}${remoteSocket}`;
  }
  return `tcp://${bracketed(address.host)}:${address.port}${address.basePath}`;
}

/** The value of DOCKER_HOST for an address. */
export const urlOf = (address: Address): string =>
  "socketPath" in address ? `unix://${address.socketPath}` : placeOf(address);

/** The value of the HTTP Host header, which a proxy may use. */
export const authorityOf = (address: Address): string =>
  "basePath" in address ? `${bracketed(address.host.replace(/%.*/, ""))}:${address.port}` : "engine";

const bracketed = (host: string) => (host.includes(":") ? `[${host}]` : host);
