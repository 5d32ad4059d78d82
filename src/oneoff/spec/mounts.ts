import { type Mount, targetPath } from "../../app/mounts.ts";
import type { Mount as EngineMount, HostConfig } from "../../engine/types.ts";
import type { ContainerCopy } from "../apps/copy.ts";

export type ContainerMount = { readonly bind: string } | { readonly mount: EngineMount };

export const targetOf = (mounted: ContainerMount): string =>
  targetPath("mount" in mounted ? mounted.mount.Target : (mounted.bind.split(":")[1] ?? mounted.bind));

export const copiedMounts = (copy: ContainerCopy | undefined): ContainerMount[] => [
  ...(copy?.hostConfig.Binds ?? []).map((bind) => ({ bind })),
  ...(copy?.hostConfig.Mounts ?? []).map((mount) => ({ mount })),
];

/** Converts the mounts of options or oneoff.yaml. */
export const toContainerMounts = ({
  binds = [],
  mounts = [],
}: {
  binds?: readonly string[];
  mounts?: readonly Mount[];
}) => [...binds.map((bind) => ({ bind })), ...mounts.map((mount) => ({ mount: engineMount(mount) }))];

const engineMount = ({ type, source, target, readOnly }: Mount): EngineMount => {
  const Type = type;
  return { Type, Target: target, ReadOnly: readOnly, ...(source && { Source: source }) };
};

/** A later mount replaces one at the same path. */
export function mergeMounts(mounts: readonly ContainerMount[]): Required<Pick<HostConfig, "Binds" | "Mounts">> {
  const all = [...new Map(mounts.map((mounted) => [targetOf(mounted), mounted])).values()];
  return {
    Binds: all.flatMap((mounted) => ("bind" in mounted ? mounted.bind : [])),
    Mounts: all.flatMap((mounted) => ("mount" in mounted ? mounted.mount : [])),
  };
}

/** The container's tmpfs mounts whose paths no mount uses. */
export function filterTmpfs(tmpfs: HostConfig["Tmpfs"], mounts: readonly ContainerMount[]): HostConfig["Tmpfs"] {
  const taken = new Set(mounts.map(targetOf));
  const remaining = Object.entries(tmpfs ?? {}).filter(([target]) => !taken.has(targetPath(target)));
  return remaining.length > 0 ? Object.fromEntries(remaining) : undefined;
}
