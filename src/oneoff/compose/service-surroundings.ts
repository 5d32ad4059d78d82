import { putArchive } from "../../engine/archive.ts";
import { createNetwork, listNetworks, type NetworkCreateBody, removeNetwork } from "../../engine/networks.ts";
import type { Transport } from "../../engine/transport.ts";
import { createVolume, hasVolume, removeVolume } from "../../engine/volumes.ts";
import { isRefusal } from "../../errors/engine.ts";
import { warning } from "../../errors/error.ts";
import { dependenciesDown, missingExternal } from "../../errors/services.ts";
import type { Report } from "../../output/events.ts";
import { packTar } from "../../streams/pack-tar.ts";
import type { Surroundings } from "../session/surroundings.ts";
import { removeDuplicates } from "./duplicate-networks.ts";
import type { ServiceObjects } from "./project-objects.ts";
import type { ServiceFile } from "./service-files.ts";

export interface ServiceNeeds {
  readonly objects: ServiceObjects;
  readonly files: readonly ServiceFile[];
  /** Services of `depends_on` that are not up. */
  readonly down: readonly string[];
  /** The Compose file. */
  readonly file: string;
}

/** Creates what Compose would create for a service, so that `docker compose up` takes it over. */
export function serviceSurroundings(
  { engine, report }: { readonly engine: Transport; readonly report: Report },
  { objects, files, down, file }: ServiceNeeds,
): Surroundings {
  const created: (() => Promise<void>)[] = [];
  return {
    async prepare(spec) {
      const joined = [spec.body("run.N").HostConfig.NetworkMode, ...spec.moreNetworks.map(({ network }) => network)];
      const networks = objects.networks.filter(({ name }) => joined.includes(name));
      const missing = await findMissing(engine, { ...objects, networks });
      const network = missing.networks.find(({ create }) => create === undefined);
      if (network) throw missingExternal("network", network.name, file);
      const volume = missing.volumes.find(({ create }) => create === undefined);
      if (volume) throw missingExternal("volume", volume.name, file);
      const own: string[] = [];
      for (const { create } of missing.networks) own.push(...(create ? await createUnlessExists(engine, create) : []));
      const names = networks.map(({ name }) => name);
      const removed = names.length > 0 ? await removeDuplicates(engine, names, own) : [];
      for (const id of own.filter((id) => !removed.includes(id))) created.push(() => removeNetwork(engine, id));
      for (const { name, create } of missing.volumes) {
        if (!create) continue;
        await createVolume(engine, create);
        created.push(() => removeVolume(engine, name));
      }
      if (down.length > 0) report(warning(dependenciesDown(down)));
    },
    async fill(id) {
      if (files.length > 0) await putArchive(engine, id, "/", () => packTar(items(files)));
    },
    async abandon() {
      // Another container may use them by now.
      for (const remove of created.splice(0)) await remove().catch(() => {});
    },
  };
}

async function findMissing(engine: Transport, { networks, volumes }: ServiceObjects): Promise<ServiceObjects> {
  const names = new Set(networks.length > 0 ? (await listNetworks(engine)).map(({ Name }) => Name) : []);
  const areThere = await Promise.all(volumes.map(({ name }) => hasVolume(engine, name)));
  return {
    networks: networks.filter(({ name }) => !names.has(name)),
    volumes: volumes.filter((_, index) => !areThere[index]),
  };
}

/** Another command may create the network at the same time. @returns the ID of a network that was created. */
async function createUnlessExists(engine: Transport, body: NetworkCreateBody): Promise<string[]> {
  try {
    return [await createNetwork(engine, body)];
  } catch (error) {
    if (isRefusal(error, 409)) return [];
    throw error;
  }
}

async function* items(files: readonly ServiceFile[]) {
  for (const { target, content, mode, uid, gid } of files) {
    const header = { name: target.slice(1), type: "file", size: content.length, mode, uid, gid, mtime: 0 } as const;
    let at = 0;
    yield {
      header,
      async read(memory: Buffer) {
        const length = content.copy(memory, 0, at);
        at += length;
        return length;
      },
    };
  }
}
