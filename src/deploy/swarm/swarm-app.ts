import type { Service } from "../../engine/swarm/service-types.ts";
import { listServices } from "../../engine/swarm/services.ts";
import type { Transport } from "../../engine/transport.ts";
import { LABEL } from "../../identity/labels.ts";
import { isOwnName } from "../../identity/ownership.ts";
import { liveSwarmReleases } from "../../release/live-swarm-release.ts";
import { listSwarmReleases, type RecordedSwarmRelease, releaseOfService } from "../../release/swarm-releases.ts";

/** An app on a Swarm. */
export interface SwarmApp {
  /** From the newest. */
  readonly releases: readonly RecordedSwarmRelease[];
  /** Its processes. */
  readonly services: readonly Service[];
  /** The live release. */
  readonly current: RecordedSwarmRelease | undefined;
  /** Whether the last change was interrupted: services run several releases, or steps are left to run. */
  readonly isUnfinished: boolean;
}

export async function readSwarmApp(engine: Transport, app: string): Promise<SwarmApp> {
  const label = [`${LABEL.app}=${app}`];
  const [releases, services] = await Promise.all([listSwarmReleases(engine, app), listServices(engine, { label })]);
  return describeSwarmApp(releases, services.filter(isProcessService));
}

export const isProcessService = ({ Spec: { Name, Labels } }: Service) =>
  Labels?.[LABEL.kind] === "process" && isOwnName(Name, Labels);

/** The release that all services run is live, even if oneoff was killed before it recorded that. */
export function describeSwarmApp(releases: readonly RecordedSwarmRelease[], services: readonly Service[]): SwarmApp {
  const [number, ...others] = new Set(services.map(releaseOfService));
  const common = others.length === 0 ? releases.find((one) => one.number === number) : undefined;
  const current = services.length === 0 ? undefined : (common ?? liveSwarmReleases(releases).current);
  return { releases, services, current, isUnfinished: others.length > 0 || (current?.isUnfinished ?? false) };
}

/** Releases of deploys that were killed before a service ran them. */
export const abandonedReleases = ({ releases, services, current }: SwarmApp): RecordedSwarmRelease[] => {
  const used = new Set(services.map(releaseOfService));
  return releases.filter((one) => one !== current && one.liveAt === undefined && !used.has(one.number));
};

/** A number above every release that is recorded or runs. */
export const nextSwarmNumber = ({ releases, services }: SwarmApp): number =>
  Math.max(0, ...releases.map(({ number }) => number), ...services.map((one) => releaseOfService(one) ?? 0)) + 1;
