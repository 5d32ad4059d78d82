import { badApiVersion } from "../errors/engine.ts";
import { dockerConfig, type EndpointWorld } from "./endpoint/contexts.ts";
import { compareVersions, FLOOR, PREFERRED } from "./version.ts";

/** Settings of every request to an engine. */
export interface ClientSettings {
  /** The API version of the first request. */
  readonly version: string;
  /** Default headers by lower-case name; headers of a request take precedence. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The settings without any configuration. */
export const PLAIN: ClientSettings = { version: PREFERRED, headers: {} };

/** Settings of docker's environment and configuration. @throws OneoffError for an unsupported version. */
export const dockerSettings = (world: EndpointWorld): ClientSettings => ({
  version: firstVersion(world.env.DOCKER_API_VERSION),
  headers: configuredHeaders(world),
});

/** @param newest the maximum version. docker uses exactly this version; oneoff's is older in most cases. */
function firstVersion(newest: string | undefined): string {
  if (!newest) return PREFERRED;
  const [, version] = /^v?(\d{1,3}\.\d{1,3})$/.exec(newest) ?? [];
  if (!version) throw badApiVersion(newest, `a version of the API, e.g. ${PREFERRED}`);
  if (compareVersions(version, FLOOR) < 0) throw badApiVersion(newest, `${FLOOR} (Engine 20.10) or newer`);
  return compareVersions(version, PREFERRED) < 0 ? version : PREFERRED;
}

/** Headers that oneoff sets itself; docker ignores User-Agent as well. */
const OURS =
  /^(user-agent|host|connection|keep-alive|upgrade|expect|te|trailer|transfer-encoding|content-type|content-length)$/;

/** `HttpHeaders` of docker's configuration. An invalid configuration has none: other readers report the mistake. */
function configuredHeaders(world: EndpointWorld): Record<string, string> {
  let all: unknown;
  try {
    all = dockerConfig<{ HttpHeaders?: unknown }>(world)?.HttpHeaders;
  } catch {
    return {};
  }
  const headers = Object.entries(all !== null && typeof all === "object" ? all : {}).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  return Object.fromEntries(headers.filter(([name, value]) => isHeaderName(name) && isHeaderValue(value)));
}

const isHeaderName = (name: string) => /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) && !OURS.test(name);

const isHeaderValue = (value: unknown) => typeof value === "string" && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
