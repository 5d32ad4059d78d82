import { type Mount, targetPath } from "../../app/mounts.ts";
import type { Mount as EngineMount } from "../../engine/mount-types.ts";
import type { HostConfig } from "../../engine/types.ts";
import type { ContainerCopy } from "../apps/copy.ts";

/** A tmpfs is `TARGET[:OPTIONS]`. */
export type ContainerMount = { readonly bind: string } | { readonly mount: EngineMount } | { readonly tmpfs: string };

export function targetOf(mounted: ContainerMount): string {
  if ("mount" in mounted) return targetPath(mounted.mount.Target);
  if ("tmpfs" in mounted) return targetPath(mounted.tmpfs.split(":", 1)[0] ?? "");
  return targetPath(mounted.bind.split(":")[1] ?? mounted.bind);
}

export const copiedMounts = (copy: ContainerCopy | undefined): ContainerMount[] => [
  ...(copy?.hostConfig.Binds ?? []).map((bind) => ({ bind })),
  ...(copy?.hostConfig.Mounts ?? []).map((mount) => ({ mount })),
];

export const copiedTmpfs = (tmpfs: HostConfig["Tmpfs"]): ContainerMount[] =>
  Object.entries(tmpfs ?? {}).map(([target, options]) => ({ tmpfs: options === "" ? target : `${target}:${options}` }));

/** Converts the mounts of options or oneoff.yaml. */
export const toContainerMounts = ({
  binds = [],
  mounts = [],
  tmpfs = [],
}: {
  binds?: readonly string[];
  mounts?: readonly Mount[];
  tmpfs?: readonly string[] | undefined;
}): ContainerMount[] => [
  ...binds.map((bind) => ({ bind })),
  ...mounts.map((mount) => ({ mount: engineMount(mount) })),
  ...tmpfs.map((tmpfs) => ({ tmpfs })),
];

const engineMount = ({ type, source, target, readOnly }: Mount): EngineMount => {
  const Type = type;
  return { Type, Target: target, ReadOnly: readOnly, ...(source && { Source: source }) };
};

/** A later mount replaces one at the same path. */
export function mergeMounts(
  mounts: readonly ContainerMount[],
): Required<Pick<HostConfig, "Binds" | "Mounts">> & Pick<HostConfig, "Tmpfs"> {
  const all = [...new Map(mounts.map((mounted) => [targetOf(mounted), mounted])).values()];
  const tmpfs = all.flatMap((mounted) => ("tmpfs" in mounted ? mounted.tmpfs : []));
  return {
    Binds: all.flatMap((mounted) => ("bind" in mounted ? mounted.bind : [])),
    Mounts: all.flatMap((mounted) => ("mount" in mounted ? mounted.mount : [])),
    ...(tmpfs.length > 0 && {
      Tmpfs: Object.fromEntries(tmpfs.map((text) => [text.split(":", 1)[0], text.replace(/^[^:]*:?/, "")])),
    }),
  };
}
