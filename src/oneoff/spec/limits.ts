import type { AppSettings } from "../../app/app.ts";
import { resolveSize } from "../../app/sizes.ts";
import type { HostConfig } from "../../engine/types.ts";
import type { RunOptions } from "./options.ts";

type Limits = Pick<HostConfig, "Memory" | "NanoCpus" | "PidsLimit">;

/** Limits of options, then of a size, then of oneoff.yaml. */
export function resolveLimits(
  options: Pick<RunOptions, "memory" | "nanoCpus" | "pidsLimit" | "size">,
  { run, sizes }: Pick<AppSettings, "run" | "sizes">,
): { readonly [Key in keyof Limits]: Limits[Key] | undefined } {
  const size = options.size === undefined ? undefined : resolveSize(options.size, sizes);
  return {
    Memory: options.memory ?? size?.memory ?? run?.memory,
    NanoCpus: options.nanoCpus ?? size?.nanoCpus ?? run?.nanoCpus,
    PidsLimit: options.pidsLimit ?? run?.pidsLimit,
  };
}

/** The container's limits that fit the chosen ones: engines refuse contradictory limits. */
export function filterLimits(
  copied: Partial<HostConfig>,
  { Memory, NanoCpus }: ReturnType<typeof resolveLimits>,
): Partial<HostConfig> {
  const { MemorySwap, MemoryReservation, CpuPeriod, CpuQuota, ...others } = copied;
  const isBelow = Memory !== undefined && MemoryReservation !== undefined && Memory < MemoryReservation;
  return {
    ...others,
    // The limit of memory and swap follows from the memory limit; -1 means unlimited.
    ...(MemorySwap !== undefined && (Memory === undefined || MemorySwap === -1) && { MemorySwap }),
    ...(MemoryReservation !== undefined && !isBelow && { MemoryReservation }),
    ...(NanoCpus === undefined && CpuPeriod !== undefined && { CpuPeriod }),
    ...(NanoCpus === undefined && CpuQuota !== undefined && { CpuQuota }),
  };
}
