import { expect, test } from "vitest";
import { filterLimits, resolveLimits } from "../../../../src/oneoff/spec/limits.ts";

const sizes = new Map([["L", { memory: 300, nanoCpus: 3 }]]);
const none = { Memory: undefined, NanoCpus: undefined, PidsLimit: undefined };

test.each([
  [
    "an option, before a size and oneoff.yaml",
    { memory: 100, size: "L" },
    { memory: 200 },
    { Memory: 100, NanoCpus: 3 },
  ],
  [
    "a size, before oneoff.yaml",
    { size: "L" },
    { memory: 200, pidsLimit: 2 },
    { Memory: 300, NanoCpus: 3, PidsLimit: 2 },
  ],
  ["oneoff.yaml", {}, { memory: 200 }, { Memory: 200 }],
  ["none", {}, undefined, {}],
] as const)("chooses the limits of %s", (_what, options, run, limits) =>
  expect(resolveLimits(options, { sizes, ...(run && { run }) })).toEqual({ ...none, ...limits }),
);

const copied = { Memory: 64, MemorySwap: 128, MemoryReservation: 32, CpuPeriod: 1000, CpuQuota: 500, CpuShares: 512 };

test.each([
  ["all, where none is chosen", copied, {}, copied],
  [
    "no bound of memory with swap beside another memory",
    copied,
    { Memory: 512 },
    { ...{ Memory: 64, MemoryReservation: 32 }, ...{ CpuPeriod: 1000, CpuQuota: 500, CpuShares: 512 } },
  ],
  ["swap without a bound beside any memory", { MemorySwap: -1 }, { Memory: 512 }, { MemorySwap: -1 }],
  ["no reservation above the memory", { MemoryReservation: 32 }, { Memory: 16 }, {}],
  ["no quota of CPU beside CPUs", { CpuPeriod: 1000, CpuQuota: 500, CpuShares: 2 }, { NanoCpus: 1 }, { CpuShares: 2 }],
])("keeps limits of the container: %s", (_what, container, chosen, remaining) =>
  expect(filterLimits(container, { ...none, ...chosen })).toEqual(remaining),
);
