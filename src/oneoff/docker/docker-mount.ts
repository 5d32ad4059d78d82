import type { Mount } from "../../engine/mount-types.ts";

/** The value of `docker run --mount`, without `CreateMountpoint`. */
export function formatMount(mount: Mount): string {
  const { BindOptions: bind, VolumeOptions: volume, TmpfsOptions: tmpfs, ImageOptions: image } = mount;
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
    ...field("image-subpath", image?.Subpath),
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
