import { dockerConfig, type EndpointWorld } from "../engine/endpoint/contexts.ts";
import { type Endpoint, placeOf } from "../engine/endpoint/endpoint.ts";
import type { Transport } from "../engine/transport.ts";
import { linesOf, OneoffError, warning } from "../errors/error.ts";
import type { Report } from "../output/events.ts";

const NAMES = {
  HTTP_PROXY: "httpProxy",
  HTTPS_PROXY: "httpsProxy",
  NO_PROXY: "noProxy",
  FTP_PROXY: "ftpProxy",
  ALL_PROXY: "allProxy",
} as const;

type Proxies = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/**
 * `proxies` of docker's configuration for the engine, or its `default`, as docker's build arguments or variables.
 * @param given names of explicit variables, which take precedence in upper and lower case.
 * @throws OneoffError if the configuration cannot be read.
 */
export function proxyArgs(world: EndpointWorld, endpoint: Endpoint, given: Iterable<string>): Map<string, string> {
  const proxies = dockerConfig<{ proxies?: Proxies }>(world)?.proxies ?? {};
  const host = hostOf(endpoint);
  const values = (Object.hasOwn(proxies, host) ? proxies[host] : proxies.default) ?? {};
  const explicit = new Set(Array.from(given, (name) => name.toUpperCase()));
  return new Map(
    Object.entries(NAMES).flatMap(([name, key]) => {
      const value = values[key];
      if (typeof value !== "string" || value === "" || explicit.has(name)) return [];
      return [name, name.toLowerCase()].map((spelled) => [spelled, value] as const);
    }),
  );
}

/** Reads the proxies, with a warning instead of an error for an unreadable configuration, as in docker. */
export function readProxies(
  { engine, report }: { readonly engine: Pick<Transport, "endpoint">; readonly report: Report },
  world: EndpointWorld,
  given: Iterable<string>,
): Map<string, string> {
  try {
    // Without proxies the engine is not needed.
    const { proxies = {} } = dockerConfig<{ proxies?: Proxies }>(world) ?? {};
    return Object.keys(proxies).length === 0 ? new Map() : proxyArgs(world, engine.endpoint, given);
  } catch (error) {
    if (!(error instanceof OneoffError)) throw error;
    report(warning(linesOf(error)));
    return new Map();
  }
}

/** The key of an engine in docker's configuration; docker has one key for all engines over ssh. */
function hostOf(endpoint: Endpoint): string {
  if ("sshHost" in endpoint) return "http://docker.example.com";
  return "socketPath" in endpoint ? `unix://${endpoint.socketPath}` : placeOf(endpoint);
}
