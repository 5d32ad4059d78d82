import type { Transport } from "../engine/transport.ts";
import { type RecordedSwarmRelease, removeSwarmRelease } from "./swarm-releases.ts";

type Live = Pick<RecordedSwarmRelease, "number" | "liveAt">;

/** The live release of an app on a Swarm, and the one before. A config cannot be renamed as a tag can: times decide. */
export function liveSwarmReleases<T extends Live>(
  releases: readonly T[],
): { readonly current: T | undefined; readonly previous: T | undefined } {
  const [current, previous] = releases
    .filter(({ liveAt }) => liveAt !== undefined)
    .sort((a, b) => (a.liveAt === b.liveAt ? b.number - a.number : (a.liveAt ?? "") < (b.liveAt ?? "") ? 1 : -1));
  return { current, previous };
}

/**
 * The releases to remove: all but the newest `keep`, the live one and the one before. The newest is always kept, because
 * it determines the next number.
 * @param releases from the newest.
 */
export function oldSwarmReleases<T extends Live>(releases: readonly T[], keep: number): T[] {
  const { current, previous } = liveSwarmReleases(releases);
  return releases.slice(Math.max(keep, 1)).filter((one) => one !== current && one !== previous);
}

/** Removes the records of old releases. Their images stay in the registry. */
export async function pruneSwarmReleases(
  engine: Transport,
  releases: readonly RecordedSwarmRelease[],
  keep: number,
): Promise<void> {
  for (const release of oldSwarmReleases(releases, keep)) await removeSwarmRelease(engine, release);
}
