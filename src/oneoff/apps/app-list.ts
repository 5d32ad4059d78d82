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
import { type Candidate, candidatesOf, choose, type Mark, marksOf, wordsOf } from "./candidates.ts";
import type { Found } from "./manifest-file.ts";
import { type Shortfall, shortfallsOf } from "./shortfalls.ts";

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

type FoundApp = Omit<ListedApp, "degraded">;

/** All that may be typed for an app: what oneoff.yaml says, what oneoff has released, and what has a container. */
export async function listApps(engine: Transport, found: Found | undefined): Promise<ListedApp[]> {
  const described = [...(found?.manifest.apps ?? [])];
  const [containers, ours, images] = await Promise.all([
    listContainers(engine, {}),
    listImages(engine, "oneoff/*"),
    Promise.all(described.map(([name, app]) => (app.from ? undefined : imageOf(engine, app.image ?? latestTag(name))))),
  ]);
  const first = described.map(([name, app], index) => {
    const live = app.from ? undefined : liveApp(name, ours);
    return live ?? describedApp(name, app, images[index], containers);
  });
  const taken = new Set(described.map(([name]) => name));
  const second = ours.flatMap((image) => taggedApps(image, ours)).filter(({ name }) => !taken.has(name));
  for (const { name } of second) taken.add(name);
  const shortfalls = Map.groupBy(shortfallsOf(containers), ({ app }) => app);
  return [...first, ...second, ...deployedApps(containers, taken)]
    .map((app) => ({ ...app, degraded: (isDeployed(app) && shortfalls.get(app.name)) || [] }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const isDeployed = ({ from }: FoundApp) =>
  from === "release" || from === "image" || from === "oneoff.yaml" || from === "oneoff";

async function imageOf(engine: Transport, image: string): Promise<ImageDetails | undefined> {
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
): FoundApp {
  const from = "oneoff.yaml";
  if (app.from === undefined) {
    const created = image?.Created ? Date.parse(image.Created) / 1000 : undefined;
    return { name, from, image: app.image ?? latestTag(name), state: image ? "ready" : "missing", created };
  }
  const candidates = candidatesOf(app.from, containers);
  const [one] = candidates;
  // More than one app is meant by it: running it will say so.
  const container =
    one && candidates.every(({ pick }) => pick === one.pick) ? choose(name, candidates)?.container : undefined;
  if (!container) return { name, from, image: app.image ?? "", state: "missing", created: undefined };
  return { name, from, ...deployed(container), ...(app.image && { image: app.image }) };
}

/** @param images all that oneoff may have made. @returns undefined for an image that was only tagged as if it was live. */
function liveApp(name: string, images: readonly ImageSummary[]): FoundApp | undefined {
  const image = latestTag(name);
  const live = images.find(({ RepoTags }) => RepoTags?.includes(image));
  if (!live || !isListedRelease(name, live, images)) return undefined;
  return { name, from: "oneoff.yaml", image, state: "ready", created: live.Created };
}

const taggedApps = (summary: ImageSummary, images: readonly ImageSummary[]) =>
  (summary.RepoTags ?? []).flatMap((image): FoundApp[] => {
    const [, name] = /^oneoff\/([^/]+):latest$/.exec(image) ?? [];
    if (name === undefined) return [];
    const from = isListedRelease(name, summary, images) ? "release" : "image";
    return [{ name, from, image, state: "ready", created: summary.Created }];
  });

/** @param taken what means something else when it is typed. */
function deployedApps(containers: readonly ContainerSummary[], taken: ReadonlySet<string>): FoundApp[] {
  const apps = new Map<string, { mark: Mark; candidates: Candidate[] }>();
  for (const container of containers) {
    const [mark] = marksOf(container);
    if (!mark) continue;
    const pick = `${mark.from}:${mark.app}`;
    const app = apps.get(pick) ?? { mark, candidates: [] };
    app.candidates.push({ from: mark.from, pick, type: mark.type, container });
    apps.set(pick, app);
  }
  const meanings = meaningsOf(containers);
  return Array.from(apps, ([pick, { mark, candidates }]): FoundApp[] => {
    // Its processes belong to the release that is listed.
    if (mark.from === "oneoff" && taken.has(mark.app)) return [];
    const isAlone = !taken.has(mark.app) && meanings.get(mark.app)?.size === 1;
    const container = choose(mark.app, candidates)?.container;
    return container ? [{ name: isAlone ? mark.app : pick, from: mark.from, ...deployed(container) }] : [];
  }).flat();
}

/** Which apps each word means. Of several marks on one container a word means the first that it fits. */
function meaningsOf(containers: readonly ContainerSummary[]): ReadonlyMap<string, ReadonlySet<string>> {
  const meanings = new Map<string, Set<string>>();
  for (const container of containers) {
    const own = new Map(
      marksOf(container)
        .toReversed()
        .flatMap((mark) => wordsOf(mark).map((word) => [word, mark])),
    );
    for (const [word, { from, app }] of own)
      meanings.set(word, (meanings.get(word) ?? new Set()).add(`${from}:${app}`));
  }
  return meanings;
}

const deployed = ({ Image: image, State, Created: created }: ContainerSummary) =>
  ({ image, state: State === "running" ? "running" : "stopped", created }) as const;
