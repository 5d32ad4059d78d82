import type { ManifestApp } from "../../app/manifest/manifest-schema.ts";
import { listContainers } from "../../engine/containers.ts";
import { findImage, listImages } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import type { Report } from "../../output/events.ts";
import { latestTag } from "../../release/tags.ts";
import type { listServices } from "../compose/service-list.ts";
import { listServiceRows } from "../swarm/services/service-list.ts";
import { type AppEntry, describeApps, type ListedApp } from "./app-entries.ts";
import type { Files, ManifestFile } from "./manifest-file.ts";

/**
 * Lists the apps of an engine and of oneoff.yaml.
 * @param nearby adds the services of the nearest Compose file that have no container.
 */
export async function listApps(
  engine: Transport,
  manifestFile: ManifestFile | undefined,
  nearby?: { readonly files: Files; readonly report: Report },
): Promise<ListedApp[]> {
  const described = manifestFile?.manifest.apps ?? new Map<string, never>();
  const imageOf = async ([name, app]: readonly [string, ManifestApp]) => {
    const image = app.from ? undefined : await findImage(engine, app.image ?? latestTag(name));
    return image ? [[name, image] as const] : [];
  };
  const [containers, releases, images, rows] = await Promise.all([
    listContainers(engine, {}),
    listImages(engine, "oneoff/*"),
    Promise.all(Array.from(described, imageOf)),
    listServiceRows(engine),
  ]);
  const undeployed = nearby ? await undeployedServices(engine, nearby, containers) : [];
  return describeApps(described, { containers, releases, images: new Map(images.flat()), rows, undeployed });
}

async function undeployedServices(...request: Parameters<typeof listServices>): Promise<AppEntry[]> {
  const { listServices } = await import("../compose/service-list.ts");
  return (await listServices(...request)).map((service) => ({
    ...service,
    from: "compose.yaml",
    state: service.created === undefined ? "missing" : "ready",
    processes: [],
  }));
}
