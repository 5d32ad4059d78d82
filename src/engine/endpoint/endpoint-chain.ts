import { noEndpoint } from "../../errors/engine.ts";
import { conflictingOptions, OneoffError } from "../../errors/error.ts";
import { currentContext, DEFAULT_CONTEXT, dockerFolder, type EndpointWorld, readContext } from "./contexts.ts";
import type { Endpoint, EndpointSource, TlsSettings } from "./endpoint.ts";
import { parseHost } from "./parse-host.ts";

/** Options that select the engine. */
export interface EndpointOptions {
  readonly host?: string | undefined;
  readonly context?: string | undefined;
}

/** A source of the engine's address. */
export interface EndpointLink {
  readonly source: EndpointSource;
  /** The value: the name of a context, an address, the path of a socket. Undefined if not set. */
  readonly says: string | undefined;
  /** The endpoint; undefined for a missing socket or the context "default". */
  readonly endpoint: Endpoint | undefined;
  /** The error of an invalid value, which also ends the search. */
  readonly error: OneoffError | undefined;
  /** Whether this source is used. */
  readonly won: boolean;
}

/**
 * All sources of the engine's address in order of precedence; at most one is used. Later sources
 * are included. @throws OneoffError for options that cannot be used together.
 */
export function endpointChain(options: EndpointOptions, world: EndpointWorld): EndpointLink[] {
  let decided = false;
  return Array.from(candidates(options, world), ({ source, says, lead }) => {
    let endpoint: Endpoint | undefined;
    let error: OneoffError | undefined;
    try {
      endpoint = lead();
    } catch (thrown) {
      if (!(thrown instanceof OneoffError)) throw thrown;
      error = thrown;
    }
    const won = !decided && (endpoint ?? error) !== undefined;
    decided ||= won;
    return { source, says, endpoint, error, won };
  });
}

/**
 * The engine's endpoint, in docker's order: `--context`, `--host`, `DOCKER_HOST`, `DOCKER_CONTEXT`, the context in
 * docker's configuration, else the first existing known socket. A configured address is used
 * without a check. Sources after the used one are not read.
 * @throws OneoffError
 */
export function resolveEndpoint(options: EndpointOptions, world: EndpointWorld): Endpoint {
  for (const { lead } of candidates(options, world)) {
    const endpoint = lead();
    if (endpoint) return endpoint;
  }
  const known = knownSockets(world.env);
  const others = known.flatMap(([source]) => (isDockers(source) ? [] : source));
  throw noEndpoint(
    known.flatMap(([source, path]) => (isDockers(source) ? path : [])),
    [...new Set(others)],
  );
}

const isDockers = (source: EndpointSource) => source === "default" || source === "rootless";

interface Candidate {
  readonly source: EndpointSource;
  readonly says: string | undefined;
  readonly lead: () => Endpoint | undefined;
}

function* candidates({ context, host }: EndpointOptions, world: EndpointWorld): Generator<Candidate> {
  const { env, exists } = world;
  if (context && host) throw conflictingOptions("--context", "--host");

  const named = (source: EndpointSource, name: string | undefined): Candidate => ({
    source,
    says: name || undefined,
    lead: () => (name && name !== DEFAULT_CONTEXT ? { ...readContext(name, source, world), from: source } : undefined),
  });
  const addressed = (source: EndpointSource, address: string | undefined): Candidate => ({
    source,
    says: address || undefined,
    lead: () => (address ? { ...parseHost(address, source, () => environmentTls(world)), from: source } : undefined),
  });

  yield named("--context", context);
  yield addressed("--host", host);
  yield addressed("DOCKER_HOST", env.DOCKER_HOST);
  if (context !== DEFAULT_CONTEXT) yield named("DOCKER_CONTEXT", env.DOCKER_CONTEXT);
  if (context !== DEFAULT_CONTEXT && env.DOCKER_CONTEXT !== DEFAULT_CONTEXT) yield configured(named, world);
  for (const [source, path] of knownSockets(env)) {
    yield { source, says: path, lead: () => (exists(path) ? { socketPath: path, from: source } : undefined) };
  }
}

function configured(named: (source: EndpointSource, name: string | undefined) => Candidate, world: EndpointWorld) {
  try {
    return named("currentContext", currentContext(world));
  } catch (error) {
    const lead = () => {
      throw error;
    };
    return { source: "currentContext" as const, says: undefined, lead };
  }
}

/** Known sockets in search order. */
function knownSockets(env: Readonly<Record<string, string | undefined>>): [EndpointSource, path: string][] {
  const { XDG_RUNTIME_DIR: runtime, HOME: home, XDG_CONFIG_HOME: config = home && `${home}/.config` } = env;
  const below = (source: EndpointSource, folder: string | undefined, path: string): [EndpointSource, string][] =>
    folder ? [[source, `${folder}/${path}`]] : [];
  return [
    ["default", "/var/run/docker.sock"],
    ...below("rootless", runtime, "docker.sock"),
    // On macOS and on Linux.
    ...below("Docker Desktop", home, ".docker/run/docker.sock"),
    ...below("Docker Desktop", home, ".docker/desktop/docker.sock"),
    ...below("Colima", env.COLIMA_HOME || (home && `${home}/.colima`), "default/docker.sock"),
    ...below("Colima", config, "colima/default/docker.sock"),
    ...below("OrbStack", home, ".orbstack/run/docker.sock"),
    ...below("Podman", runtime, "podman/podman.sock"),
    ["Podman", "/run/podman/podman.sock"],
    ...below("Podman", home, ".local/share/containers/podman/machine/podman.sock"),
  ];
}

/**
 * TLS of an address without a context: `DOCKER_TLS_VERIFY`, or `DOCKER_TLS` without
 * verification, with the files of `DOCKER_CERT_PATH` or docker's folder. Any value enables it, as in docker.
 */
function environmentTls({ env, exists }: EndpointWorld): TlsSettings | undefined {
  const verify = Boolean(env.DOCKER_TLS_VERIFY);
  if (!verify && !env.DOCKER_TLS) return undefined;
  const folder = env.DOCKER_CERT_PATH || dockerFolder(env);
  const there = (name: string) => (exists(`${folder}/${name}`) ? `${folder}/${name}` : undefined);
  return { ca: verify ? `${folder}/ca.pem` : undefined, cert: there("cert.pem"), key: there("key.pem"), verify };
}
