import type { Mount } from "../../engine/mount-types.ts";
import type { Transport } from "../../engine/transport.ts";
import { listUnusedVolumes, removeVolume } from "../../engine/volumes.ts";
import { isRefusal } from "../../errors/engine.ts";
import { LABEL } from "../../identity/labels.ts";

/** A volume of uploads or secrets whose container was removed without it, e.g. by `docker rm` without `-v`. */
export interface LeftVolume {
  readonly id: string;
  readonly app: string;
  /** The one-off: `run.7364`. */
  readonly name: string;
  readonly containerName: string;
}

const KIND = "volume";

/** Labels the volumes of a one-off, to find them after the container was removed. Podman ignores the labels. */
export function labelledVolumes(mounts: readonly Mount[], app: string, name: string, containerName: string): Mount[] {
  const Labels = { [LABEL.kind]: KIND, [LABEL.app]: app, [LABEL.name]: name, [LABEL.container]: containerName };
  return mounts.map((mount) => ({ ...mount, VolumeOptions: { Labels } }));
}

/** A container has its volumes from its creation on, so a volume without a container is left over. */
export async function findLeftVolumes(engine: Transport): Promise<LeftVolume[]> {
  const volumes = await listUnusedVolumes(engine, `${LABEL.kind}=${KIND}`);
  return volumes
    .filter(({ Name }) => isAnonymous(Name))
    .map(({ Name, Labels: { [LABEL.app]: app = "", [LABEL.name]: name = "", [LABEL.container]: container = "" } }) => ({
      ...{ id: Name, app, name, containerName: container },
    }));
}

/** The engine generates names for anonymous volumes. */
const isAnonymous = (name: string) => /^[0-9a-f]{64}$/.test(name);

/** @returns the removed volumes. Another process may remove some. */
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
