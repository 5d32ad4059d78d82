import type { Buffer } from "node:buffer";
import { dockerConfig, type EndpointWorld } from "../engine/endpoint/contexts.ts";
import { parseDetachKeys } from "../terminal/detach-keys.ts";

const DEFAULT = "ctrl-p,ctrl-q";

/** The detach keys of the option, else `detachKeys` of docker's configuration. @throws OneoffError for invalid keys. */
export function detachKeysOf(flags: { readonly "detach-keys"?: string }, world: EndpointWorld): Buffer {
  const { "detach-keys": option } = flags;
  if (option !== undefined) return parseDetachKeys(option);
  const configured = configuredKeys(world);
  return configured ? parseDetachKeys(configured, "detachKeys of docker's config.json") : parseDetachKeys(DEFAULT);
}

/** An unreadable configuration is reported by the search for the engine. */
function configuredKeys(world: EndpointWorld): string | undefined {
  try {
    const keys = dockerConfig<{ detachKeys?: unknown }>(world)?.detachKeys;
    return typeof keys === "string" ? keys : undefined;
  } catch {
    return undefined;
  }
}
