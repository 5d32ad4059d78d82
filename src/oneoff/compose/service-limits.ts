import type { ComposeService } from "../../app/compose/service.ts";
import type { DeviceRequest } from "../../app/compose/service-parts.ts";
import type { HostConfig } from "../../engine/types.ts";
import { setFields } from "./set-fields.ts";

/** Limits and devices; values of `deploy.resources` take precedence. */
export function serviceLimits(service: ComposeService): Partial<HostConfig> {
  const { limits = {}, reservations = {} } = service.deploy?.resources ?? {};
  const { blkio_config: blkio = {} } = service;
  const cdiDevices = (service.devices ?? []).filter(isCdi);
  return setFields({
    Memory: Number(limits.memory ?? service.mem_limit ?? 0),
    MemorySwap: Number(service.memswap_limit ?? 0),
    MemorySwappiness: Number(service.mem_swappiness ?? 0),
    MemoryReservation: Number(reservations.memory ?? service.mem_reservation ?? 0),
    OomKillDisable: service.oom_kill_disable,
    OomScoreAdj: service.oom_score_adj,
    NanoCpus: nanoCpus(limits.cpus || service.cpus || 0),
    CpuShares: service.cpu_shares,
    CpuPeriod: service.cpu_period,
    CpuQuota: service.cpu_quota,
    CpuRealtimePeriod: service.cpu_rt_period,
    CpuRealtimeRuntime: service.cpu_rt_runtime,
    CpusetCpus: service.cpuset,
    PidsLimit: limits.pids || service.pids_limit,
    CgroupParent: service.cgroup_parent,
    StorageOpt: service.storage_opt,
    BlkioWeight: blkio.weight,
    BlkioWeightDevice: blkio.weight_device,
    BlkioDeviceReadBps: rates(blkio.device_read_bps),
    BlkioDeviceReadIOps: rates(blkio.device_read_iops),
    BlkioDeviceWriteBps: rates(blkio.device_write_bps),
    BlkioDeviceWriteIOps: rates(blkio.device_write_iops),
    Ulimits: Object.entries(service.ulimits ?? {}).map(([Name, limit]) => {
      const { soft = 0, hard = 0 } = typeof limit === "number" ? { soft: limit, hard: limit } : limit;
      return { Name, Soft: soft, Hard: hard };
    }),
    Devices: (service.devices ?? [])
      .filter((device) => !isCdi(device))
      .map(({ source = "", target = "", permissions = "" }) => ({
        PathOnHost: source,
        PathInContainer: target,
        CgroupPermissions: permissions,
      })),
    DeviceCgroupRules: service.device_cgroup_rules,
    DeviceRequests: [
      ...(reservations.devices ?? []).map((device) => toRequest(device, device.capabilities ?? [])),
      ...(cdiDevices.length > 0
        ? [toRequest({ driver: "cdi", device_ids: cdiDevices.map(({ source = "" }) => source) })]
        : []),
      ...(service.gpus ?? []).map((gpu) => toRequest(gpu, [...(gpu.capabilities ?? []), "gpu"])),
    ],
  });
}

/** Compose calculates with 32 bits. */
const nanoCpus = (cpus: number) => Math.trunc(Math.fround(Math.fround(cpus) * 1e9));

const rates = (devices: readonly { readonly Path: string; readonly Rate: string }[] | undefined) =>
  devices?.map(({ Path, Rate }) => ({ Path, Rate: Number(Rate) }));

/** A device of the Container Device Interface: `vendor.com/class=name`. */
const isCdi = ({ source = "", target }: { readonly source?: string; readonly target?: string }) =>
  source === target && /^[\w.-]+\/[\w.-]+=[\w.:-]+$/.test(source);

/** The engine stores also empty fields. */
const toRequest = (device: DeviceRequest, capabilities?: readonly string[]) => ({
  Driver: device.driver ?? "",
  Count: device.count ?? 0,
  DeviceIDs: device.device_ids ?? null,
  Capabilities: capabilities ? [capabilities] : null,
  Options: device.options ?? null,
});
