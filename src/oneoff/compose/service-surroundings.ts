import { putArchive } from "../../engine/archive.ts";
import { createNetwork, listNetworks, removeNetwork } from "../../engine/networks.ts";
import type { Transport } from "../../engine/transport.ts";
import { createVolume, hasVolume } from "../../engine/volumes.ts";
import { isRefusal } from "../../errors/engine.ts";
import { warning } from "../../errors/error.ts";
import { dependenciesDown, missingExternal } from "../../errors/services.ts";
import type { Report } from "../../output/events.ts";
import { bytesItem } from "../../streams/bytes-item.ts";
import { packTar } from "../../streams/pack-tar.ts";
import { acquireHolderLock } from "../locks/holder-lock.ts";
import type { LockContext } from "../locks/lock.ts";
import type { Surroundings } from "../session/surroundings.ts";
import type { ServiceObjects } from "./project-objects.ts";
import type { ServiceFile } from "./service-files.ts";

export interface ServiceNeeds {
  readonly objects: ServiceObjects;
  readonly files: readonly ServiceFile[];
  /** Services of `depends_on` that are not up. */
  readonly down: readonly string[];
  /** The Compose file. */
  readonly file: string;
  /** The name of the project. */
  readonly project: string;
}

/** Creates what Compose would create for a service, so that `docker compose up` takes it over. */
export function serviceSurroundings(
  { engine, report }: { readonly engine: Transport; readonly report: Report },
  { objects, files, down, file, project }: ServiceNeeds,
): Surroundings {
  const created: (() => Promise<void>)[] = [];
  return {
    async prepare(spec, context) {
      const joined = [spec.body("run.N").HostConfig.NetworkMode, ...spec.moreNetworks.map(({ network }) => network)];
      const networks = objects.networks.filter(({ name }) => joined.includes(name));
      const missing = await findMissing(engine, { ...objects, networks });
      const network = missing.networks.find(({ create }) => create === undefined);
      if (network) throw missingExternal("network", network.name, file);
      const volume = missing.volumes.find(({ create }) => create === undefined);
      if (volume) throw missingExternal("volume", volume.name, file);
      if (missing.networks.length > 0)
        await createNetworks(context, { project, image: spec.image }, missing.networks, created);
      // A volume is never removed: another command may have written to it.
      for (const { create } of missing.volumes) if (create) await createVolume(engine, create);
      if (down.length > 0) report(warning(dependenciesDown(down)));
      return true;
    },
    async fill(id) {
      if (files.length > 0) await putArchive(engine, id, "/", () => packTar(files.map(fileItem)));
    },
    async abandon() {
      // Another container may use them by now.
      for (const remove of created.splice(0)) await remove().catch(() => {});
    },
    async release() {},
  };
}

async function findMissing(engine: Transport, { networks, volumes }: ServiceObjects): Promise<ServiceObjects> {
  const areThere = await Promise.all(volumes.map(({ name }) => hasVolume(engine, name)));
  return {
    networks: networks.length > 0 ? await missingNetworks(engine, networks) : [],
    volumes: volumes.filter((_, index) => !areThere[index]),
  };
}

async function missingNetworks(engine: Transport, networks: ServiceObjects["networks"]) {
  const names = new Set((await listNetworks(engine)).map(({ Name }) => Name));
  return networks.filter(({ name }) => !names.has(name));
}

/**
 * Creates what no other command has created meanwhile. The lock is necessary because Engine 20.10 creates a network
 * twice for simultaneous requests, and then refuses containers that name it.
 * @param created receives how to remove each.
 */
async function createNetworks(
  context: LockContext,
  { project, image }: { readonly project: string; readonly image: string },
  networks: ServiceObjects["networks"],
  created: (() => Promise<void>)[],
): Promise<void> {
  const { engine } = context;
  await using _lock = await acquireHolderLock(context, {
    ...{ key: `compose/${project}`, app: project, image, onConflict: "wait" },
  });
  for (const { create } of await missingNetworks(engine, networks)) {
    if (!create) continue;
    try {
      const id = await createNetwork(engine, create);
      created.push(() => removeNetwork(engine, id));
    } catch (error) {
      // Compose may have created it at the same time.
      if (!isRefusal(error, 409)) throw error;
    }
  }
}

const fileItem = ({ target, content, mode, uid, gid }: ServiceFile) =>
  bytesItem({ name: target.slice(1), type: "file", size: content.length, mode, uid, gid, mtime: 0 }, () => content);
