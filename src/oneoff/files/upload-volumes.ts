import { posix } from "node:path";
import { SECRETS } from "../../app/transfer.ts";
import type { Mount } from "../../engine/mount-types.ts";
import type { HostConfig } from "../../engine/types.ts";
import { hiddenByMount } from "../../errors/files.ts";

/** The settings of a container that decide where files can be written. */
export type MountConfig = Pick<HostConfig, "Binds" | "Mounts" | "Tmpfs" | "ReadonlyRootfs">;

interface MountPoint {
  readonly target: string;
  readonly isTmpfs: boolean;
  /** Whether the mount is removed with the container. */
  readonly isAnonymous: boolean;
}

function mountPoints({ Binds, Mounts, Tmpfs }: MountConfig): MountPoint[] {
  return [
    ...(Binds ?? []).map((bind) => ({ target: bind.split(":")[1] ?? bind, isAnonymous: !bind.includes(":") })),
    ...(Mounts ?? []).map(({ Target, Type, Source }) => ({
      target: Target,
      isTmpfs: Type === "tmpfs",
      isAnonymous: !Source,
    })),
    ...Object.keys(Tmpfs ?? {}).map((target) => ({ target, isTmpfs: true, isAnonymous: true })),
  ].map((point) => ({ isTmpfs: false, ...point, target: posix.resolve("/", point.target) }));
}

const isBelow = (path: string, folder: string) =>
  path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);

/** Finds the mount that contains a path of the container; undefined if the path is on the root file system. */
export function findMount(config: MountConfig, path: string): MountPoint | undefined {
  const mounts = mountPoints(config).filter(({ target }) => isBelow(posix.resolve("/", path), target));
  return mounts.sort((a, b) => b.target.length - a.target.length)[0];
}

/**
 * Adds the anonymous volumes that are needed to fill folders before the start. The engine cannot write archives to a
 * tmpfs or to a read-only root file system. Secrets must not be in a layer, which a commit would contain, nor in a
 * volume that outlives the container.
 * @throws OneoffError for a folder that is the mount point of a tmpfs
 */
export function uploadVolumes(config: MountConfig, folders: readonly string[]): Mount[] {
  const added: Mount[] = [];
  for (const folder of [...folders].sort((a, b) => a.length - b.length)) {
    const mount = findMount({ ...config, Mounts: [...(config.Mounts ?? []), ...added] }, folder);
    const needsVolume =
      mount?.isTmpfs || (folder === SECRETS ? mount?.target !== SECRETS : !mount && config.ReadonlyRootfs);
    if (!needsVolume) continue;
    if (folder === "/" || mount?.target === folder) throw hiddenByMount(folder, mount !== undefined);
    added.push({ Type: "volume", Target: folder });
  }
  return added;
}

/**
 * Returns the folder in which to extract an archive with this path. On a read-only root file system only mounts are
 * writable. Podman extracts files below a volume into the folder that the volume hides.
 */
export function archiveRoot(config: MountConfig, path: string): string {
  const target = findMount(config, path)?.target ?? "/";
  return config.ReadonlyRootfs || isBelow(target, SECRETS) ? target : "/";
}
