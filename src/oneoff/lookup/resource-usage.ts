import type { ContainerStats } from "../../engine/stats.ts";

/** Undefined where the engine has measured nothing yet. */
export interface ResourceUsage {
  /** 100 for one CPU that is fully used. */
  readonly cpuPercent: number | undefined;
  /** In bytes, without the page cache that the kernel can reclaim. */
  readonly memory: number | undefined;
}

/** Computes the same values as `docker stats`. */
export const toResourceUsage = (sample: ContainerStats): ResourceUsage => ({
  cpuPercent: cpuPercent(sample),
  memory: memoryInUse(sample),
});

/** @returns undefined for the first sample, which has no previous one. */
function cpuPercent({ cpu_stats: now, precpu_stats: before }: ContainerStats): number | undefined {
  const { total_usage: total = 0, percpu_usage: perCpu } = now?.cpu_usage ?? {};
  if (!before?.system_cpu_usage || !now?.system_cpu_usage) return undefined;
  const elapsed = now.system_cpu_usage - before.system_cpu_usage;
  const used = total - (before.cpu_usage?.total_usage ?? 0);
  return elapsed > 0 && used > 0 ? (used / elapsed) * (now.online_cpus || perCpu?.length || 1) * 100 : 0;
}

function memoryInUse({ memory_stats }: ContainerStats): number | undefined {
  const { usage, stats } = memory_stats ?? {};
  if (!usage) return undefined;
  // The first field exists in cgroup v1 only, where the second one excludes child cgroups.
  const cache = stats?.total_inactive_file ?? stats?.inactive_file ?? 0;
  return cache < usage ? usage - cache : usage;
}
