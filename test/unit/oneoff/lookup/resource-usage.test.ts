import { expect, test } from "vitest";
import { toResourceUsage } from "../../../../src/oneoff/lookup/resource-usage.ts";

const cpu = (total: number, system: number, more = {}) => ({
  cpu_usage: { total_usage: total },
  system_cpu_usage: system,
  online_cpus: 4,
  ...more,
});

test.each([
  ["one of four CPUs", cpu(3e9, 14e9), cpu(2e9, 10e9), 100],
  ["no CPU time", cpu(2e9, 14e9), cpu(2e9, 10e9), 0],
  ["a container that was restarted", cpu(1e9, 14e9), cpu(2e9, 10e9), 0],
  [
    "an engine without online_cpus",
    cpu(3e9, 14e9, { online_cpus: 0, cpu_usage: { total_usage: 3e9, percpu_usage: [1, 2] } }),
    cpu(2e9, 10e9),
    50,
  ],
  ["the first sample", cpu(3e9, 14e9), { cpu_usage: { total_usage: 0 } }, undefined],
  ["a container that has exited", { cpu_usage: { total_usage: 0 } }, { cpu_usage: { total_usage: 0 } }, undefined],
  ["an engine that measures nothing", undefined, null, undefined],
])("computes the CPU percentage of %s", (_what, cpu_stats, precpu_stats, expected) =>
  expect(toResourceUsage({ ...(cpu_stats && { cpu_stats }), precpu_stats }).cpuPercent).toBe(expected),
);

test.each([
  ["cgroup v2", { usage: 100, stats: { inactive_file: 30 } }, 70],
  ["cgroup v1", { usage: 100, stats: { total_inactive_file: 40, inactive_file: 30 } }, 60],
  ["a cache of more than the usage", { usage: 100, stats: { inactive_file: 200 } }, 100],
  ["an engine without memory.stat", { usage: 100, stats: null }, 100],
  ["a container that has exited", {}, undefined],
])("subtracts the cache from the memory of %s", (_what, memory_stats, expected) =>
  expect(toResourceUsage({ memory_stats }).memory).toBe(expected),
);
