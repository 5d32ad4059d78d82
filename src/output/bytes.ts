const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `0 B`, `512 MiB`, `1.5 GiB` */
export function humanBytes(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), UNITS.length - 1);
  return `${Number((bytes / 2 ** (10 * power)).toFixed(1))} ${UNITS[power]}`;
}
