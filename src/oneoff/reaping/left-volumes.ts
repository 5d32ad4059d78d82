import type { Transport } from "../../engine/transport.ts";
import type { Mount } from "../../engine/types.ts";
import { listUnusedVolumes, removeVolume } from "../../engine/volumes.ts";
import { isRefusal } from "../../errors/engine.ts";
import { LABEL } from "../../identity/labels.ts";

/** A volume of uploads or secrets whose container was removed without it, e.g. by `docker rm` without `-v`. */
export interface LeftVolume {
  readonly id: string;
  readonly app: string;
  /** The one-off's: `run.7364` */
  readonly name: string;
  readonly containerName: string;
}

const KIND = "volume";

/** Volumes that are made for a one-off, so that they can be known when its container has gone. Podman ignores the labels. */
export function labelledVolumes(mounts: readonly Mount[], app: string, name: string, containerName: string): Mount[] {
  const Labels = { [LABEL.kind]: KIND, [LABEL.app]: app, [LABEL.name]: name, [LABEL.container]: containerName };
  return mounts.map((mount) => ({ ...mount, VolumeOptions: { Labels } }));
}

/** A container that is being created has its volumes at once, so that those of no container are left. */
export async function findLeftVolumes(engine: Transport): Promise<LeftVolume[]> {
  const volumes = await listUnusedVolumes(engine, `${LABEL.kind}=${KIND}`);
  return volumes
    .filter(({ Name }) => isNameless(Name))
    .map(({ Name, Labels: { [LABEL.app]: app = "", [LABEL.name]: name = "", [LABEL.container]: container = "" } }) => ({
      ...{ id: Name, app, name, containerName: container },
    }));
}

/** The engine names what is given no name. */
const isNameless = (name: string) => /^[0-9a-f]{64}$/.test(name);

/** @returns those that were removed: somebody else may do the same. */
export async function removeLeftVolumes(engine: Transport, volumes: readonly LeftVolume[]): Promise<LeftVolume[]> {
  const removals = volumes.map(async (volume) => {
    try {
      await removeVolume(engine, volume.id);
      return [volume];
    } catch (error) {
      if (isRefusal(error, 404, 409)) return [];
      throw error;
    }
  });
  return (await Promise.all(removals)).flat();
}
