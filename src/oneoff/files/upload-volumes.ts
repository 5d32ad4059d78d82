import { posix } from "node:path";
import { SECRETS } from "../../app/transfer.ts";
import type { HostConfig, Mount } from "../../engine/types.ts";
import { hiddenByMount } from "../../errors/files.ts";

/** The part of a container's settings that decides where files can be put. */
export type MountConfig = Pick<HostConfig, "Binds" | "Mounts" | "Tmpfs" | "ReadonlyRootfs">;

interface MountPoint {
  readonly target: string;
  readonly isTmpfs: boolean;
  /** Whether it goes with the container. */
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

/** What a path of the container is on, if it is not its own file system: the mount point nearest above. */
export function findMount(facts: MountConfig, path: string): MountPoint | undefined {
  const over = mountPoints(facts).filter(({ target }) => isBelow(posix.resolve("/", path), target));
  return over.sort((a, b) => b.target.length - a.target.length)[0];
}

/**
 * The volumes without which these folders cannot be filled before the start: the engine's archives do not reach a tmpfs,
 * and are refused on a root file system that is read-only; secrets are to be in no layer, which a commit would carry, and
 * in no volume that outlives the container. Nameless, so that they go with the container.
 * @throws OneoffError for a folder that a tmpfs is mounted on itself.
 */
export function uploadVolumes(facts: MountConfig, folders: readonly string[]): Mount[] {
  const added: Mount[] = [];
  for (const folder of [...folders].sort((a, b) => a.length - b.length)) {
    const over = findMount({ ...facts, Mounts: [...(facts.Mounts ?? []), ...added] }, folder);
    const needsVolume =
      over?.isTmpfs || (folder === SECRETS ? over?.target !== SECRETS : !over && facts.ReadonlyRootfs);
    if (!needsVolume) continue;
    if (folder === "/" || over?.target === folder) throw hiddenByMount(folder, over !== undefined);
    added.push({ Type: "volume", Target: folder });
  }
  return added;
}

/**
 * The folder that an archive with this path is to be extracted in: of a read-only root file system only mounts can be, and
 * Podman extracts past a volume what is to be extracted above it.
 */
export function archiveRoot(facts: MountConfig, path: string): string {
  const over = findMount(facts, path)?.target ?? "/";
  return facts.ReadonlyRootfs || isBelow(over, SECRETS) ? over : "/";
}
