import type { App } from "../../app/app.ts";
import type { ManifestApp } from "../../app/manifest/manifest-schema.ts";
import { listContainers } from "../../engine/containers.ts";
import type { ImageDetails, ImageSummary } from "../../engine/image-types.ts";
import { inspectImage, listImages } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { isRefusal } from "../../errors/engine.ts";
import { isListedRelease } from "../../release/release-image.ts";
import { latestTag } from "../../release/tags.ts";
import {
  appNamesOf,
  type Candidate,
  chooseContainer,
  type DeployerMatch,
  matchCandidates,
  matchDeployers,
} from "./candidates.ts";
import type { ManifestFile } from "./manifest-file.ts";
import { findShortfalls, type Shortfall } from "./shortfalls.ts";

/** An app that can be run here. */
export interface ListedApp {
  /** What to type for it. */
  readonly name: string;
  readonly from: App["from"];
  readonly image: string;
  /** Of its container, where it is one; else whether its image is there. */
  readonly state: "running" | "stopped" | "ready" | "missing";
  /** When its container was created, or its image; in seconds since 1970. */
  readonly created: number | undefined;
  /** Process types with fewer running processes than requested. */
  readonly degraded: readonly Shortfall[];
}

type AppEntry = Omit<ListedApp, "degraded">;

/** All that may be typed for an app: what oneoff.yaml says, what oneoff has released, and what has a container. */
export async function listApps(engine: Transport, found: ManifestFile | undefined): Promise<ListedApp[]> {
  const described = [...(found?.manifest.apps ?? [])];
  const [containers, ours, images] = await Promise.all([
    listContainers(engine, {}),
    listImages(engine, "oneoff/*"),
    Promise.all(
      described.map(([name, app]) => (app.from ? undefined : findImage(engine, app.image ?? latestTag(name)))),
    ),
  ]);
  const first = described.map(([name, app], index) => {
    const live = app.from ? undefined : liveApp(name, ours);
    return live ?? describedApp(name, app, images[index], containers);
  });
  const taken = new Set(described.map(([name]) => name));
  const second = ours.flatMap((image) => taggedApps(image, ours)).filter(({ name }) => !taken.has(name));
  for (const { name } of second) taken.add(name);
  const shortfalls = Map.groupBy(findShortfalls(containers), ({ app }) => app);
  return [...first, ...second, ...deployedApps(containers, taken)]
    .map((app) => ({ ...app, degraded: (isDeployed(app) && shortfalls.get(app.name)) || [] }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const isDeployed = ({ from }: AppEntry) =>
  from === "release" || from === "image" || from === "oneoff.yaml" || from === "oneoff";

async function findImage(engine: Transport, image: string): Promise<ImageDetails | undefined> {
  try {
    return await inspectImage(engine, image);
  } catch (error) {
    if (isRefusal(error, 404)) return undefined;
    throw error;
  }
}

function describedApp(
  name: string,
  app: ManifestApp,
  image: ImageDetails | undefined,
  containers: readonly ContainerSummary[],
): AppEntry {
  const from = "oneoff.yaml";
  if (app.from === undefined) {
    const created = image?.Created ? Date.parse(image.Created) / 1000 : undefined;
    return { name, from, image: app.image ?? latestTag(name), state: image ? "ready" : "missing", created };
  }
  const candidates = matchCandidates(app.from, containers);
  const [one] = candidates;
  // More than one app is meant by it: running it will say so.
  const container =
    one && candidates.every(({ qualifiedName }) => qualifiedName === one.qualifiedName)
      ? chooseContainer(name, candidates)?.container
      : undefined;
  if (!container) return { name, from, image: app.image ?? "", state: "missing", created: undefined };
  return { name, from, ...containerFields(container), ...(app.image && { image: app.image }) };
}

/** @param images all that oneoff may have made. @returns undefined for an image that was only tagged as if it was live. */
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

/** @param taken what means something else when it is typed. */
function deployedApps(containers: readonly ContainerSummary[], taken: ReadonlySet<string>): AppEntry[] {
  const apps = new Map<string, { mark: DeployerMatch; candidates: Candidate[] }>();
  for (const container of containers) {
    const [mark] = matchDeployers(container);
    if (!mark) continue;
    const qualifiedName = `${mark.from}:${mark.app}`;
    const app = apps.get(qualifiedName) ?? { mark, candidates: [] };
    app.candidates.push({ from: mark.from, qualifiedName, type: mark.type, container });
    apps.set(qualifiedName, app);
  }
  const meanings = appsByName(containers);
  return Array.from(apps, ([qualifiedName, { mark, candidates }]): AppEntry[] => {
    // Its processes belong to the release that is listed.
    if (mark.from === "oneoff" && taken.has(mark.app)) return [];
    const isAlone = !taken.has(mark.app) && meanings.get(mark.app)?.size === 1;
    const container = chooseContainer(mark.app, candidates)?.container;
    return container
      ? [{ name: isAlone ? mark.app : qualifiedName, from: mark.from, ...containerFields(container) }]
      : [];
  }).flat();
}

/** Which apps each word means. Of several marks on one container a word means the first that it fits. */
function appsByName(containers: readonly ContainerSummary[]): ReadonlyMap<string, ReadonlySet<string>> {
  const meanings = new Map<string, Set<string>>();
  for (const container of containers) {
    const own = new Map(
      matchDeployers(container)
        .toReversed()
        .flatMap((mark) => appNamesOf(mark).map((word) => [word, mark])),
    );
    for (const [word, { from, app }] of own)
      meanings.set(word, (meanings.get(word) ?? new Set()).add(`${from}:${app}`));
  }
  return meanings;
}

const containerFields = ({ Image: image, State, Created: created }: ContainerSummary) =>
  ({ image, state: State === "running" ? "running" : "stopped", created }) as const;
