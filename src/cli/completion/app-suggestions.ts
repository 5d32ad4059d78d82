import { listImages } from "../../engine/images.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { type AppEntry, describeApps } from "../../oneoff/apps/app-entries.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import { serviceAppsAmong } from "../../oneoff/swarm/services/find-service.ts";
import { toServiceRows } from "../../oneoff/swarm/services/service-list.ts";
import type { Context } from "../context.ts";
import type { ContainerList, Suggest } from "./lookup.ts";

/** The images of the apps are not requested, so their state is not known without a container or release. */
const appsAmong =
  (list: ContainerList, withReleases: boolean): Suggest =>
  async ({ engine, context, config, lists }) => {
    const [containers, services, releases] = await Promise.all([
      lists[list](),
      lists.services(),
      withReleases ? listImages(engine, "oneoff/*") : [],
    ]);
    const rows = services && toServiceRows(serviceAppsAmong(services));
    const undeployed = (await composeServices(context, containers)).map(
      (service): AppEntry => ({ ...service, from: "compose.yaml", state: "missing", created: undefined }),
    );
    const described = (await findManifest(config, context))?.manifest.apps ?? new Map<string, never>();
    const apps = describeApps(described, { containers, releases, images: new Map(), rows, undeployed });
    return apps.map(({ name, from, state }) => ({
      value: name,
      what: state === "missing" ? from : `${from}, ${state}`,
    }));
  };

async function composeServices(context: Context, containers: readonly ContainerSummary[]) {
  const { undeployedServices } = await import("../../oneoff/compose/service-list.ts");
  return undeployedServices({ files: context, report: () => {} }, containers);
}

/** Apps that can be run or deployed. */
export const apps = appsAmong("all", true);

/** Apps with containers or services, and apps in files. */
export const deployedApps = (list: ContainerList) => appsAmong(list, false);
