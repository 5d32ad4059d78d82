import { isDeepStrictEqual } from "node:util";
import { targetPath } from "../../../app/mounts.ts";
import { bytesOf } from "../../../app/units.ts";
import type { Mount } from "../../../engine/mount-types.ts";
import type { HostConfig } from "../../../engine/types.ts";

type Mounted = Pick<HostConfig, "Binds" | "Mounts" | "Tmpfs">;

/**
 * The mounts of a service with those that were requested. A later mount replaces one at the same path.
 * @returns also the first option that sets a mount which a service cannot have.
 */
export function taskMounts(
  ofService: readonly Mount[],
  { Binds, Mounts, Tmpfs }: Mounted,
  base: Mounted,
): { readonly mounts: readonly Mount[]; readonly impossible: string | undefined } {
  const typed = (Mounts ?? []).filter((mount) => !base.Mounts?.some((one) => isDeepStrictEqual(one, mount)));
  const binds = (Binds ?? []).filter((bind) => !base.Binds?.includes(bind));
  const tmpfs = Object.entries(Tmpfs ?? {}).filter(([target, options]) => base.Tmpfs?.[target] !== options);
  const parsed = [
    ...binds.map((bind) => ({ option: `--volume ${bind}`, mount: bindMount(bind) })),
    ...tmpfs.map(([target, options]) => ({
      option: `--tmpfs ${target}:${options}`,
      mount: tmpfsMount(target, options),
    })),
  ];
  const added = [...typed, ...parsed.flatMap(({ mount }) => mount ?? [])];
  const replaced = new Set(added.map(({ Target }) => targetPath(Target)));
  return {
    mounts: [...ofService.filter(({ Target }) => !replaced.has(targetPath(Target))), ...added],
    impossible: parsed.find(({ mount }) => !mount)?.option,
  };
}

const PROPAGATIONS: readonly string[] = ["shared", "rshared", "slave", "rslave", "private", "rprivate"];

/** Parses `SOURCE:TARGET[:OPTIONS]`, or `TARGET` for an anonymous volume. @returns undefined for an option of binds only. */
function bindMount(text: string): Mount | undefined {
  const [source = "", target, options = ""] = text.split(":");
  if (target === undefined) return { Type: "volume", Target: source };
  const isBind = source.startsWith("/");
  let mount: Mount = { Type: isBind ? "bind" : "volume", Source: source, Target: target };
  for (const option of options.split(",").filter(Boolean)) {
    if (option === "ro" || option === "rw") mount = { ...mount, ReadOnly: option === "ro" };
    else if (isBind && PROPAGATIONS.includes(option)) mount = { ...mount, BindOptions: { Propagation: option } };
    else if (!isBind && option === "nocopy") mount = { ...mount, VolumeOptions: { NoCopy: true } };
    else return undefined;
  }
  return mount;
}

/** A service knows the size and the mode of a tmpfs only. */
function tmpfsMount(target: string, text: string): Mount | undefined {
  const mount: Mount = { Type: "tmpfs", Target: target };
  const options = text.split(",").filter((option) => option !== "" && option !== "rw");
  const size = options.find((option) => option.startsWith("size="))?.slice("size=".length);
  const mode = options.find((option) => option.startsWith("mode="))?.slice("mode=".length);
  const bytes = size === undefined ? undefined : bytesOf(size);
  const isKnown = options.length === Number(size !== undefined) + Number(mode !== undefined);
  if (!isKnown || (size !== undefined && bytes === undefined) || (mode !== undefined && !/^[0-7]+$/.test(mode)))
    return undefined;
  if (options.length === 0) return mount;
  return {
    ...mount,
    TmpfsOptions: {
      ...(bytes !== undefined && { SizeBytes: bytes }),
      ...(mode !== undefined && { Mode: Number.parseInt(mode, 8) }),
    },
  };
}
