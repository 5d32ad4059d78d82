import { type ManifestMount, targetOf } from "../../app/manifest/manifest-mounts.ts";
import { parseMount, parseVolume, targetPath } from "../../app/mounts.ts";
import type { RunOptions } from "../../oneoff/spec/options.ts";

/** The last of several mounts of a target takes precedence, for all options. */
export function toMounts(given: readonly string[], cwd: string): Pick<RunOptions, "binds" | "mounts" | "tmpfs"> {
  const found = given.flatMap((option): (ManifestMount | { readonly tmpfs: string })[] => {
    const [, name, value = ""] = /^--(volume|mount|tmpfs)=([\s\S]*)$/.exec(option) ?? [];
    if (name === undefined) return [];
    if (name === "tmpfs") return [{ tmpfs: value }];
    return [name === "mount" ? { mount: parseMount(value, cwd) } : { bind: parseVolume(value, cwd) }];
  });
  const last = [
    ...new Map(
      found.map((one) => ["tmpfs" in one ? targetPath(one.tmpfs.split(":", 1)[0] ?? "") : targetOf(one), one]),
    ).values(),
  ];
  const tmpfs = last.flatMap((one) => ("tmpfs" in one ? one.tmpfs : []));
  return {
    binds: last.flatMap((one) => ("bind" in one ? one.bind : [])),
    mounts: last.flatMap((one) => ("mount" in one ? one.mount : [])),
    ...(tmpfs.length > 0 && { tmpfs }),
  };
}
