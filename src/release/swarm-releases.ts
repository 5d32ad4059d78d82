import { parseAppJson } from "../app/app-json.ts";
import type { SwarmConfig } from "../engine/swarm/object-types.ts";
import { createConfig, inspectConfig, listConfigs, relabelConfig, removeConfig } from "../engine/swarm/objects.ts";
import type { Service, ServiceSpec } from "../engine/swarm/service-types.ts";
import type { Transport } from "../engine/transport.ts";
import { isRefusal } from "../errors/engine.ts";
import { LABEL } from "../identity/labels.ts";
import { configName } from "../identity/names.ts";
import { isOwnName, ownLabels } from "../identity/ownership.ts";
import type { Release } from "./release.ts";
import { appJsonText, releaseProcfile } from "./release-labels.ts";

/** A release of an app on a Swarm. */
export interface SwarmRelease extends Release {
  /** The image as the services name it: pinned by digest, or the ID of an image that the nodes have. */
  readonly image: string;
  /** The name that the deploy has given to the image to push it; undefined for one that has a name of its own. */
  readonly pushedAs?: string | undefined;
  /** The ID of the image before predeploy. */
  readonly base: string;
  /** The spec of each process type's service. */
  readonly services: ReadonlyMap<string, ServiceSpec>;
}

/** A release as a Swarm config stores it. */
export interface RecordedSwarmRelease extends SwarmRelease {
  /** The ID of the config. */
  readonly configId: string;
  /** When it last became live, ISO 8601; undefined if it never was. */
  readonly liveAt: string | undefined;
  /** Whether its deploy has steps left to run. */
  readonly isUnfinished: boolean;
  /** Whether `scripts.postdeploy` of the app has succeeded. */
  readonly isPostdeployed: boolean;
}

/** The part of a recorded release that can change. */
export type SwarmReleaseState = Pick<RecordedSwarmRelease, "liveAt" | "isUnfinished" | "isPostdeployed">;

const releaseConfigName = (app: string, number: number) => configName(`oneoff.${app}`, `v${number}`);

/**
 * Records a release, which claims its number in the whole Swarm.
 * @returns undefined if another client has recorded a release with this number.
 */
export async function createSwarmRelease(
  engine: Transport,
  release: SwarmRelease,
  state: SwarmReleaseState,
): Promise<RecordedSwarmRelease | undefined> {
  const { app, number } = release;
  const Name = releaseConfigName(app, number);
  const Data = Buffer.from(releaseText(release));
  try {
    const configId = await createConfig(engine, { Name, Labels: labelsOf(Name, release, state), Data });
    return { ...release, ...state, configId };
  } catch (error) {
    if (isRefusal(error, 409)) return undefined;
    throw error;
  }
}

/** The releases of an app on a Swarm, from the newest. */
export async function listSwarmReleases(engine: Transport, app: string): Promise<RecordedSwarmRelease[]> {
  const label = [`${LABEL.app}=${app}`];
  return (await listConfigs(engine, { label }))
    .flatMap((config) => toSwarmRelease(config) ?? [])
    .sort((a, b) => b.number - a.number);
}

/** Changes the state of a recorded release. @returns the release in its new state. */
export async function updateSwarmRelease(
  engine: Transport,
  release: RecordedSwarmRelease,
  change: Partial<SwarmReleaseState>,
): Promise<RecordedSwarmRelease> {
  const config = await inspectConfig(engine, release.configId);
  const changed = { ...release, ...change };
  await relabelConfig(engine, config, labelsOf(config.Spec.Name, changed, changed));
  return changed;
}

export async function removeSwarmRelease(
  engine: Transport,
  { configId }: Pick<RecordedSwarmRelease, "configId">,
): Promise<void> {
  try {
    await removeConfig(engine, configId);
  } catch (error) {
    if (!isRefusal(error, 404)) throw error;
  }
}

/** The number of the release that a service runs. */
export function releaseOfService({ Spec: { Name, Labels } }: Pick<Service, "Spec">): number | undefined {
  const number = Number(Labels?.[LABEL.release]);
  return isOwnName(Name, Labels ?? {}) && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

const labelsOf = (
  name: string,
  { app, number }: Pick<Release, "app" | "number">,
  { liveAt, isUnfinished, isPostdeployed }: SwarmReleaseState,
) =>
  ownLabels(name, {
    [LABEL.app]: app,
    [LABEL.kind]: "release",
    [LABEL.release]: String(number),
    ...(liveAt !== undefined && { [LABEL.releaseLive]: liveAt }),
    ...(isUnfinished && { [LABEL.releaseUnfinished]: "true" }),
    ...(isPostdeployed && { [LABEL.releasePostdeployed]: "true" }),
  });

/** The data of the config. Unlike labels, it may hold variables of the app: a service holds them, too. */
function releaseText({ procfile, appJson, services, ...facts }: SwarmRelease): string {
  return JSON.stringify({
    ...facts,
    procfile: [...procfile],
    appJson: appJsonText(appJson),
    services: Object.fromEntries(services),
  });
}

interface StoredRelease extends Omit<SwarmRelease, "procfile" | "appJson" | "services"> {
  readonly procfile: readonly (readonly [string, string])[];
  readonly appJson: string;
  readonly services: Readonly<Record<string, ServiceSpec>>;
}

/** @returns undefined for a config that stores no release. */
function toSwarmRelease({ ID, Spec }: SwarmConfig): RecordedSwarmRelease | undefined {
  const labels = Spec.Labels ?? {};
  if (labels[LABEL.kind] !== "release" || !isOwnName(Spec.Name, labels)) return undefined;
  try {
    const stored = JSON.parse(Buffer.from(Spec.Data ?? "", "base64").toString()) as StoredRelease;
    return {
      ...stored,
      procfile: releaseProcfile({ [LABEL.releaseProcfile]: JSON.stringify(stored.procfile) }),
      appJson: parseAppJson(Buffer.from(stored.appJson)),
      services: new Map(Object.entries(stored.services)),
      configId: ID,
      liveAt: labels[LABEL.releaseLive] || undefined,
      isUnfinished: labels[LABEL.releaseUnfinished] === "true",
      isPostdeployed: labels[LABEL.releasePostdeployed] === "true",
    };
  } catch {
    // Another program has written it.
    return undefined;
  }
}
