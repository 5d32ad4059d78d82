import type { App } from "../../app/app.ts";
import type { ManifestApp } from "../../app/manifest/manifest-schema.ts";
import type { ImageDetails, ImageSummary } from "../../engine/image-types.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { isListedRelease } from "../../release/release-image.ts";
import { latestTag } from "../../release/tags.ts";
import { findServiceRow, type ListedService } from "../swarm/services/service-list.ts";
import {
  appNamesOf,
  type Candidate,
  chooseContainer,
  type DeployerMatch,
  matchCandidates,
  matchDeployers,
  serviceIdOf,
} from "./candidates.ts";
import { findShortfalls, type Shortfall } from "./degraded.ts";
import { countProcesses, type ProcessCount } from "./process-counts.ts";

/** An app that one-offs can be run for. */
export interface ListedApp {
  /** The shortest unambiguous name. */
  readonly name: string;
  readonly from: App["from"];
  readonly image: string;
  /** `ready` and `missing` are states of the image of an app without a container. */
  readonly state: "running" | "stopped" | "ready" | "missing";
  /** The Unix time in seconds at which the container or image was created. */
  readonly created: number | undefined;
  /** By type; empty for an app without processes. */
  readonly processes: readonly ProcessCount[];
  /** Process types with fewer running processes than requested. */
  readonly degraded: readonly Shortfall[];
}

export type AppEntry = Omit<ListedApp, "degraded" | "processes"> & Partial<Pick<ListedApp, "processes">>;

/** What an engine has of apps. */
export interface AppSources {
  readonly containers: readonly ContainerSummary[];
  /** Images with tags of oneoff. */
  readonly releases: readonly ImageSummary[];
  /** Images of apps in oneoff.yaml, by the name of the app. */
  readonly images: ReadonlyMap<string, ImageDetails>;
  /** Services of a Swarm; undefined on an engine that is not a manager. */
  readonly rows: readonly ListedService[] | undefined;
  /** Services of a Compose file without a container. */
  readonly undeployed: readonly AppEntry[];
}

/**
 * The apps in oneoff.yaml, releases, deployed containers, and services. A manager lists services instead of the
 * containers of their tasks, of which some are left of removed services.
 */
export function describeApps(
  described: ReadonlyMap<string, ManifestApp>,
  { containers: all, releases, images, rows, undeployed }: AppSources,
): ListedApp[] {
  const containers = rows ? all.filter((container) => serviceIdOf(container) === undefined) : all;
  const swarm = rows ?? [];
  const describedApps = Array.from(described, ([name, app]) => {
    const live = app.from ? undefined : liveApp(name, releases);
    return live ?? describedApp(name, app, images.get(name), { containers, services: swarm });
  });
  const taken = new Set(described.keys());
  const releasedApps = releases.flatMap((image) => taggedApps(image, releases)).filter(({ name }) => !taken.has(name));
  for (const { name } of releasedApps) taken.add(name);
  const shortfalls = Map.groupBy(findShortfalls(containers), ({ app }) => app);
  return [...describedApps, ...releasedApps, ...deployedApps(containers, swarm, taken), ...undeployed]
    .map((app) => {
      const degraded = (isDeployed(app) && shortfalls.get(app.name)) || [];
      const ofSwarm = swarm.find(({ own }) => own === app.name)?.processes ?? [];
      const ofEngine = () => countProcesses(matchCandidates(`oneoff:${app.name}`, containers));
      return { ...app, processes: app.processes ?? [...ofEngine(), ...ofSwarm], degraded };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const isDeployed = ({ from }: AppEntry) =>
  from === "release" || from === "image" || from === "oneoff.yaml" || from === "oneoff";

function describedApp(
  name: string,
  app: ManifestApp,
  image: ImageDetails | undefined,
  { containers, services }: { containers: readonly ContainerSummary[]; services: readonly ListedService[] },
): AppEntry {
  const from = "oneoff.yaml";
  if (app.from === undefined) {
    const created = image?.Created ? Date.parse(image.Created) / 1000 : undefined;
    return { name, from, image: app.image ?? latestTag(name), state: image ? "ready" : "missing", created };
  }
  const candidates = matchCandidates(app.from, containers);
  const [one] = candidates;
  // An ambiguous name is reported when the app is run.
  const container =
    one && candidates.every(({ qualifiedName }) => qualifiedName === one.qualifiedName)
      ? chooseContainer(name, candidates)?.container
      : undefined;
  const service = one ? undefined : findServiceRow(app.from, services);
  if (service) {
    const { state, created, processes, image } = service;
    return { name, from, state, created, processes, image: app.image ?? image };
  }
  if (!container) return { name, from, image: app.image ?? "", state: "missing", created: undefined, processes: [] };
  const processes = countProcesses(candidates);
  return { name, from, processes, ...containerFields(container), ...(app.image && { image: app.image }) };
}

/** @param images all images of oneoff. @returns undefined for an image that was tagged by hand */
function liveApp(name: string, images: readonly ImageSummary[]): AppEntry | undefined {
  const image = latestTag(name);
  const live = images.find(({ RepoTags }) => RepoTags?.includes(image));
  if (!live || !isListedRelease(name, live, images)) return undefined;
  return { name, from: "oneoff.yaml", image, state: "ready", created: live.Created };
}

const taggedApps = (summary: ImageSummary, images: readonly ImageSummary[]) =>
  (summary.RepoTags ?? []).flatMap((image): AppEntry[] => {
    const [, name] = /^oneoff\/([^/]+):latest$/.exec(image) ?? [];
    if (name === undefined) return [];
    const from = isListedRelease(name, summary, images) ? "release" : "image";
    return [{ name, from, image, state: "ready", created: summary.Created }];
  });

/** @param taken names that already belong to other apps. */
function deployedApps(
  containers: readonly ContainerSummary[],
  services: readonly ListedService[],
  taken: ReadonlySet<string>,
): AppEntry[] {
  const apps = new Map<string, { match: DeployerMatch; candidates: Candidate[] }>();
  for (const container of containers) {
    const [match] = matchDeployers(container);
    if (!match) continue;
    const qualifiedName = `${match.from}:${match.app}`;
    const app = apps.get(qualifiedName) ?? { match, candidates: [] };
    app.candidates.push({ from: match.from, qualifiedName, type: match.type, container });
    apps.set(qualifiedName, app);
  }
  const names = appsByName(containers, services);
  const shortest = (name: string, qualifiedName: string) =>
    !taken.has(name) && names.get(name)?.size === 1 ? name : qualifiedName;
  const ofContainers = Array.from(apps, ([qualifiedName, { match, candidates }]): AppEntry[] => {
    // The processes belong to a listed release.
    if (match.from === "oneoff" && taken.has(match.app)) return [];
    const container = chooseContainer(match.app, candidates)?.container;
    const processes = countProcesses(candidates);
    const name = shortest(match.app, qualifiedName);
    return container ? [{ name, from: match.from, processes, ...containerFields(container) }] : [];
  }).flat();
  const ofServices = services
    .filter(({ own }) => own === undefined || !taken.has(own))
    .map(({ name, qualifiedName, image, state, created, processes }) => ({
      ...({ name: shortest(name, qualifiedName), from: "swarm", image, state, created, processes } as const),
    }));
  return [...ofContainers, ...ofServices];
}

/** Maps each name to its apps. If a container matches several deployers, the first match takes precedence. */
function appsByName(
  containers: readonly ContainerSummary[],
  services: readonly ListedService[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const apps = new Map<string, Set<string>>();
  for (const { names, qualifiedName } of services) {
    for (const word of names) apps.set(word, (apps.get(word) ?? new Set()).add(qualifiedName));
  }
  for (const container of containers) {
    const own = new Map(
      matchDeployers(container)
        .toReversed()
        .flatMap((match) => appNamesOf(match).map((word) => [word, match])),
    );
    for (const [word, { from, app }] of own) apps.set(word, (apps.get(word) ?? new Set()).add(`${from}:${app}`));
  }
  return apps;
}

const containerFields = ({ Image: image, State, Created: created }: ContainerSummary) =>
  ({ image, state: State === "running" ? "running" : "stopped", created }) as const;
