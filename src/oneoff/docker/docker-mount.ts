import type { Mount } from "../../engine/types.ts";

/** Details of a copied mount, in the engine's format. */
export interface MountDetails {
  readonly BindOptions?: {
    readonly Propagation?: string;
    readonly NonRecursive?: boolean;
    readonly ReadOnlyNonRecursive?: boolean;
    readonly ReadOnlyForceRecursive?: boolean;
  };
  readonly VolumeOptions?: {
    readonly NoCopy?: boolean;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly Subpath?: string;
    readonly DriverConfig?: { readonly Name?: string; readonly Options?: Readonly<Record<string, string>> | null };
  };
  readonly TmpfsOptions?: { readonly SizeBytes?: number; readonly Mode?: number };
}

/** The value of `docker run --mount`, without `CreateMountpoint`. */
export function formatMount(mount: Mount & MountDetails): string {
  const { BindOptions: bind, VolumeOptions: volume, TmpfsOptions: tmpfs } = mount;
  return formatCsv([
    `type=${mount.Type}`,
    ...field("source", mount.Source),
    `target=${mount.Target}`,
    ...(mount.ReadOnly ? ["readonly"] : []),
    ...field("bind-propagation", bind?.Propagation),
    ...(bind?.NonRecursive ? ["bind-recursive=disabled"] : []),
    ...(bind?.ReadOnlyNonRecursive ? ["bind-recursive=writable"] : []),
    ...(bind?.ReadOnlyForceRecursive ? ["bind-recursive=readonly"] : []),
    ...(volume?.NoCopy ? ["volume-nocopy"] : []),
    ...field("volume-subpath", volume?.Subpath),
    ...formatPairs(volume?.Labels).map((pair) => `volume-label=${pair}`),
    ...field("volume-driver", volume?.DriverConfig?.Name),
    ...formatPairs(volume?.DriverConfig?.Options).map((pair) => `volume-opt=${pair}`),
    ...field("tmpfs-size", tmpfs?.SizeBytes),
    ...(tmpfs?.Mode ? [`tmpfs-mode=${tmpfs.Mode.toString(8)}`] : []),
  ]);
}

export const formatPairs = (map: Readonly<Record<string, string>> | null | undefined): string[] =>
  Object.entries(map ?? {}).map(([name, value]) => `${name}=${value}`);

/** Formats docker's CSV: a field with a comma, a quote or a line feed is quoted. */
export const formatCsv = (fields: readonly string[]): string =>
  fields.map((text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(",");

const field = (key: string, value: string | number | undefined) => (value ? [`${key}=${value}`] : []);
