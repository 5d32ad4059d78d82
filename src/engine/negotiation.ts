import { engineTooOld } from "../errors/engine.ts";
import type { Endpoint } from "./endpoint/endpoint.ts";
import { compareVersions, FLOOR, renegotiate } from "./version.ts";

/** Remembers the versions of engines that rejected a newer one. */
export interface VersionMemory {
  recall(endpoint: Endpoint): string | undefined;
  /** @param version undefined for an engine that needs no memory. */
  store(endpoint: Endpoint, version: string | undefined): void;
}

export const NO_MEMORY: VersionMemory = { recall: () => undefined, store: () => {} };

/** The API version of the requests to one engine. */
export interface Negotiation {
  /** The configured version, until the engine requires another. */
  readonly version: string;
  /** For a request that can be repeated: until the first answer, the remembered version. */
  readonly guess: string;
  /**
   * Checks a guess by the version in its answer: the engine may have been replaced.
   * @returns whether the request must be repeated with another version.
   */
  disprove(asked: string, engine: string | undefined): boolean;
  /** Adopts the version of the engine. @throws OneoffError if the engine is too old. */
  renegotiate(status: number, asked: string, engine: string | undefined): boolean;
}

/** @param place returns the configured version, and the endpoint. */
export function negotiation(
  place: { readonly settings: { readonly version: string }; readonly endpoint: Endpoint },
  memory: VersionMemory,
): Negotiation {
  let version: string | undefined;
  let recalled: { readonly version: string | undefined } | undefined;
  const configured = () => place.settings.version;
  const recall = () => {
    const known = memory.recall(place.endpoint);
    const isUsable = known && compareVersions(known, FLOOR) >= 0 && compareVersions(known, configured()) < 0;
    return { version: isUsable ? known : undefined };
  };
  return {
    get version() {
      return version ?? configured();
    },
    get guess() {
      recalled ??= recall();
      return version ?? recalled.version ?? configured();
    },
    disprove(asked, engine) {
      if (asked !== recalled?.version) {
        // Without a guess so far, there need not be one later.
        if (engine !== undefined && compareVersions(engine, asked) >= 0) version ??= asked;
        return false;
      }
      const newest = engine !== undefined && compareVersions(engine, configured()) < 0 ? engine : configured();
      // An older engine rejects the guess.
      version ??= compareVersions(newest, asked) < 0 ? asked : newest;
      if (version === asked) return false;
      memory.store(place.endpoint, version === configured() ? undefined : version);
      return true;
    },
    renegotiate(status, asked, engine) {
      const next = renegotiate(status, asked, engine);
      if (next === undefined) return false;
      if (compareVersions(next, FLOOR) < 0) throw engineTooOld(next, FLOOR);
      version = next;
      memory.store(place.endpoint, next);
      return true;
    },
  };
}
