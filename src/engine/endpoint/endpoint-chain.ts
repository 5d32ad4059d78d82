import { noEndpoint } from "../../errors/engine.ts";
import { contradiction, OneoffError } from "../../errors/error.ts";
import { currentContext, DEFAULT_CONTEXT, type EndpointWorld, readContext } from "./contexts.ts";
import type { Endpoint, EndpointSource } from "./endpoint.ts";
import { environmentTls } from "./environment-tls.ts";
import { knownSockets } from "./known-sockets.ts";
import { parseHost } from "./parse-host.ts";

/** What our own options say of the engine. */
export interface EndpointOptions {
  readonly host?: string | undefined;
  readonly context?: string | undefined;
}

/** What one source says of where the engine is. */
export interface EndpointLink {
  readonly source: EndpointSource;
  /** In its own words: the name of a context, an address, the path of a socket. Undefined when it says nothing. */
  readonly says: string | undefined;
  /** Where that leads; undefined when it leads nowhere, as a socket that is not there, or the context "default". */
  readonly endpoint: Endpoint | undefined;
  /** Why it can not be followed, which decides as well. */
  readonly error: OneoffError | undefined;
  /** Whether this is what decides. */
  readonly won: boolean;
}

/**
 * All that could say where the engine is, in the order in which it counts; at most one link has won. What comes after
 * that one is told all the same. @throws OneoffError when the options contradict each other.
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
 * Where the engine is, in docker's own order: `--context`, `--host`, `DOCKER_HOST`, `DOCKER_CONTEXT`, the context that
 * docker's configuration names, else the first socket that is there of those that are known. What is named is taken as
 * it is; only known sockets are looked for. Nothing is read that is not needed to decide.
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
  if (context && host) throw contradiction("--context", "--host");

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
