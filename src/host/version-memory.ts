import { placeOf } from "../engine/endpoint/endpoint.ts";
import type { VersionMemory } from "../engine/negotiation.ts";
import type { Cache } from "../oneoff/apps/image-procfile.ts";
import { fingerprint } from "../oneoff/locks/lock-name.ts";

/** Remembers versions in the cache. Another engine at the same place disproves them by its first answer. */
export function versionMemory(cache: Cache): VersionMemory {
  const keyOf = (endpoint: Parameters<typeof placeOf>[0]) => `version-${fingerprint(placeOf(endpoint))}`;
  return {
    recall: (endpoint) => /^\d{1,3}\.\d{1,3}$/.exec(cache.get(keyOf(endpoint)) ?? "")?.[0],
    store: (endpoint, version = "") => cache.set(keyOf(endpoint), version),
  };
}
