import { badApiVersion } from "../errors/engine.ts";
import { dockerConfig, type EndpointWorld } from "./endpoint/contexts.ts";
import { compareVersions, FLOOR, PREFERRED } from "./version.ts";

/** What is said of every request to an engine, wherever that is. */
export interface ClientSettings {
  /** The version of the API that is asked for first. */
  readonly version: string;
  /** Sent with every request, by names in lower case; what a request has itself counts more. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Where nobody says anything. */
export const PLAIN: ClientSettings = { version: PREFERRED, headers: {} };

/** As docker's environment and configuration have it. @throws OneoffError for a version that cannot be spoken. */
export const dockerSettings = (world: EndpointWorld): ClientSettings => ({
  version: firstVersion(world.env.DOCKER_API_VERSION),
  headers: configuredHeaders(world),
});

/** @param newest the newest version to speak. Docker takes it as the only one; ours is older than it in most cases. */
function firstVersion(newest: string | undefined): string {
  if (!newest) return PREFERRED;
  const [, version] = /^v?(\d{1,3}\.\d{1,3})$/.exec(newest) ?? [];
  if (!version) throw badApiVersion(newest, `a version of the API, as ${PREFERRED}`);
  if (compareVersions(version, FLOOR) < 0) throw badApiVersion(newest, `${FLOOR} (Engine 20.10) or newer`);
  return compareVersions(version, PREFERRED) < 0 ? version : PREFERRED;
}

/** Those that say what is sent and how, which is ours to say; docker leaves out the first as well. */
const OURS =
  /^(user-agent|host|connection|keep-alive|upgrade|expect|te|trailer|transfer-encoding|content-type|content-length)$/;

/** `HttpHeaders` of docker's configuration. One that makes no sense has none: whoever needs more of it will say so. */
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
