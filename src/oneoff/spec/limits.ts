import type { AppSettings } from "../../app/app.ts";
import { resolveSize } from "../../app/sizes.ts";
import type { HostConfig } from "../../engine/types.ts";
import type { RunOptions } from "./options.ts";

type Limits = Pick<HostConfig, "Memory" | "NanoCpus" | "PidsLimit">;

/** What options, a size and oneoff.yaml say, in this order. */
export function chosenLimits(
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

/** What a container has of limits that still fits beside those that were chosen: engines refuse limits that contradict each other. */
export function remainingLimits(
  copied: Partial<HostConfig>,
  { Memory, NanoCpus }: ReturnType<typeof chosenLimits>,
): Partial<HostConfig> {
  const { MemorySwap, MemoryReservation, CpuPeriod, CpuQuota, ...others } = copied;
  const isBelow = Memory !== undefined && MemoryReservation !== undefined && Memory < MemoryReservation;
  return {
    ...others,
    // A bound of memory and swap together follows from that of memory; -1 is none.
    ...(MemorySwap !== undefined && (Memory === undefined || MemorySwap === -1) && { MemorySwap }),
    ...(MemoryReservation !== undefined && !isBelow && { MemoryReservation }),
    ...(NanoCpus === undefined && CpuPeriod !== undefined && { CpuPeriod }),
    ...(NanoCpus === undefined && CpuQuota !== undefined && { CpuQuota }),
  };
}
