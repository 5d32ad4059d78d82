import { type Mount, targetPath } from "../../app/mounts.ts";
import type { Mount as EngineMount, HostConfig } from "../../engine/types.ts";
import type { ContainerCopy } from "../apps/copy.ts";

/** A mount in one of the engine's two forms. */
export type Mounted = { readonly bind: string } | { readonly mount: EngineMount };

/** Where it is mounted. */
export const targetOf = (mounted: Mounted): string =>
  targetPath("mount" in mounted ? mounted.mount.Target : (mounted.bind.split(":")[1] ?? mounted.bind));

export const copiedMounts = (copy: ContainerCopy | undefined): Mounted[] => [
  ...(copy?.hostConfig.Binds ?? []).map((bind) => ({ bind })),
  ...(copy?.hostConfig.Mounts ?? []).map((mount) => ({ mount })),
];

/** What oneoff.yaml says, or the options. */
export const givenMounts = ({ binds = [], mounts = [] }: { binds?: readonly string[]; mounts?: readonly Mount[] }) => [
  ...binds.map((bind) => ({ bind })),
  ...mounts.map((mount) => ({ mount: engineMount(mount) })),
];

const engineMount = ({ type, source, target, readOnly }: Mount): EngineMount => {
  const Type = type;
  return { Type, Target: target, ReadOnly: readOnly, ...(source && { Source: source }) };
};

/** A later mount stands in place of what is at the same path. */
export function mountFields(mounts: readonly Mounted[]): Required<Pick<HostConfig, "Binds" | "Mounts">> {
  const all = [...new Map(mounts.map((mounted) => [targetOf(mounted), mounted])).values()];
  return {
    Binds: all.flatMap((mounted) => ("bind" in mounted ? mounted.bind : [])),
    Mounts: all.flatMap((mounted) => ("mount" in mounted ? mounted.mount : [])),
  };
}

/** The tmpfs of a container whose targets no mount takes. */
export function remainingTmpfs(tmpfs: HostConfig["Tmpfs"], mounts: readonly Mounted[]): HostConfig["Tmpfs"] {
  const taken = new Set(mounts.map(targetOf));
  const remaining = Object.entries(tmpfs ?? {}).filter(([target]) => !taken.has(targetPath(target)));
  return remaining.length > 0 ? Object.fromEntries(remaining) : undefined;
}
