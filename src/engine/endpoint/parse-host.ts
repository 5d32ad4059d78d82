import { badHost } from "../../errors/engine.ts";
import type { Address, SshAddress, TcpAddress, TlsSettings } from "./endpoint.ts";

/** The registered ports of the Engine API. */
const PLAIN_PORT = 2375;
const TLS_PORT = 2376;

const LOCAL = "localhost";

/**
 * Parses an address as docker does: `unix://`, `tcp://` or `ssh://`; `host:port` is TCP, and a path is a socket.
 * @param source the origin of the address, for errors.
 * @param tls TLS settings for a TCP address.
 */
export function parseHost(text: string, source: string, tls: () => TlsSettings | undefined): Address {
  const [, scheme = "", rest = ""] = /^(?:([a-z]+):\/\/)?(.*)$/is.exec(text) ?? [];
  const refuse = (next?: string) => badHost(withoutPassword(text), source, next);
  switch (scheme.toLowerCase()) {
    case "":
    case "unix":
      if (rest.startsWith("/")) return { socketPath: rest };
      if (scheme === "" && /:\d+$/.test(rest)) return parseTcp(rest, tls(), refuse);
      throw refuse();
    case "tcp":
      return parseTcp(rest, tls(), refuse);
    case "ssh":
      return parseSsh(rest, refuse);
    case "http":
      throw refuse(`write it as tcp://${withoutPassword(rest)}`);
    case "https":
      throw refuse(`write it as tcp://${withoutPassword(rest)}, and set DOCKER_TLS_VERIFY=1`);
    case "npipe":
      throw refuse("use ssh://user@host for an engine on Windows: oneoff cannot open named pipes");
    default:
      throw refuse();
  }
}

type Refuse = (next?: string) => Error;

function parseTcp(text: string, tls: TlsSettings | undefined, refuse: Refuse): TcpAddress {
  const { host = LOCAL, port, path, user } = split(text) ?? {};
  if (path === undefined || user !== undefined) throw refuse();
  return { host, port: port ?? (tls ? TLS_PORT : PLAIN_PORT), basePath: path.replace(/\/+$/, ""), tls };
}

function parseSsh(text: string, refuse: Refuse): SshAddress {
  const { host, port, path, user } = split(text) ?? {};
  if (user?.includes(":")) throw refuse("use a key and remove the password: oneoff cannot enter a password in ssh");
  // A host that begins with a hyphen would be an option of ssh.
  if (!host || path === undefined || host.startsWith("-") || user === "") throw refuse();
  return { sshHost: host, user, port, remoteSocket: /^\/*$/.test(path) ? undefined : path };
}

/** Parses `[user@]host[:port][/path]`, with an IPv6 address in brackets; undefined for anything else. */
function split(text: string) {
  const match = /^(?:([^@/?#\s]*)@)?(?:\[([\da-f:.]+(?:%\w+)?)\]|([^\s:/?#@[\]]*))(?::(\d{1,5}))?(\/[^?#]*)?$/i.exec(
    text,
  );
  if (!match) return undefined;
  const [, user, six, name, digits, path = ""] = match;
  const port = digits === undefined ? undefined : Number(digits);
  if (port === 0 || (port ?? 0) > 65535) return undefined;
  return { user, host: six || name || undefined, port, path };
}

/** A password with any characters. */
const withoutPassword = (text: string) => text.replace(/^((?:[a-z]+:\/\/)?[^:/@]*):(?!\/\/).*@/is, "$1:…@");
