import type { AppSettings } from "../../app/app.ts";
import type { ContainerSettings } from "../../app/container/container-settings.ts";
import type { PortMapping } from "../../app/container/ports.ts";
import type { PublishedPort } from "../../app/manifest/manifest-processes.ts";
import type { Log } from "../../app/manifest/manifest-run.ts";
import type { Device, PortBinding, PortBindings } from "../../engine/host-types.ts";
import type { HostConfig, LogConfig } from "../../engine/types.ts";
import type { ContainerCopy } from "../apps/copy.ts";
import type { RunOptions } from "./options.ts";

type Host = Partial<HostConfig>;
type List<T> = readonly T[] | null | undefined;

/**
 * Settings of options, then of oneoff.yaml, then of the copied container.
 * @param copied settings of the container that fit the limits.
 */
export function resolveContainer(
  copied: Host,
  settings: Pick<AppSettings, "run" | "processes">,
  { container: requested = {}, servicePorts }: Pick<RunOptions, "container" | "servicePorts">,
  copy: Pick<ContainerCopy, "stopSignal" | "ports" | "hostname" | "platform"> | undefined,
) {
  const { container: described = {}, log } = settings.run ?? {};
  const ports = servicePorts && (copy?.ports ?? portBindings((settings.processes?.publish ?? []).map(toMapping)));
  const {
    hostname = copy?.hostname,
    platform = copy?.platform,
    "stop-signal": stopSignal = copy?.stopSignal,
  } = { ...described, ...requested };
  return {
    host: applySettings(applySettings({ ...copied, ...(ports && { PortBindings: ports }) }, described), requested),
    ...{ hostname, platform, stopSignal },
    profiles: new Map([...(described.profiles ?? []), ...(requested.profiles ?? [])]),
    usesGpus: (requested.gpus ?? described.gpus) !== undefined,
    log: resolveLog(requested, log),
  };
}

/** Names the files of seccomp profiles instead of their text. */
export const withProfileFiles = ({ SecurityOpt, ...host }: Host, files: ReadonlyMap<string, string>): Host => ({
  ...host,
  ...(SecurityOpt && { SecurityOpt: SecurityOpt.map((option) => files.get(option) ?? option) }),
});

/** Single values replace the copied ones, and most lists are added to them. */
function applySettings(host: Host, settings: ContainerSettings): Host {
  const { "add-host": hosts, "group-add": groups, ulimit } = settings;
  const changed: Host = {
    ...capabilities(host, settings),
    ...securityOptions(host, settings),
    ...list("ExtraHosts", hosts && merge(host.ExtraHosts, hosts, (entry) => entry.split(":", 1)[0])),
    // The first servers that respond decide, so the servers of the container would hide these.
    ...list("Dns", settings.dns),
    ...list("GroupAdd", groups && merge(host.GroupAdd, groups, (group) => group)),
    ...list("Ulimits", ulimit && merge(host.Ulimits, ulimit, ({ Name }) => Name)),
    ...devices(host, settings),
    ...(settings.ipc !== undefined && { IpcMode: settings.ipc }),
    ...(settings.privileged !== undefined && { Privileged: settings.privileged }),
    ...(settings["read-only"] !== undefined && { ReadonlyRootfs: settings["read-only"] }),
    ...(settings["shm-size"] !== undefined && { ShmSize: settings["shm-size"] }),
    ...(settings.publish && { PortBindings: portBindings(settings.publish.flat()) }),
  };
  return { ...host, ...changed };
}

const list = <K extends keyof Host>(key: K, values: Host[K]) => (values ? ({ [key]: values } as Pick<Host, K>) : {});

/** An added value replaces copied ones with the same key. */
function merge<T>(copied: List<T>, added: readonly T[], keyOf: (value: T) => unknown): T[] {
  const keys = new Set(added.map(keyOf));
  return [...(copied ?? []).filter((value) => !keys.has(keyOf(value))), ...new Set(added)];
}

/** An option that drops a capability removes it from those that the container adds, and vice versa. */
function capabilities(host: Host, { "cap-add": added = [], "cap-drop": dropped = [] }: ContainerSettings): Host {
  if (added.length + dropped.length === 0) return {};
  const [CapAdd, CapDrop] = [replace(host.CapAdd, dropped, added), replace(host.CapDrop, added, dropped)];
  return {
    ...((host.CapAdd || CapAdd.length > 0) && { CapAdd }),
    ...((host.CapDrop || CapDrop.length > 0) && { CapDrop }),
  };
}

function replace(names: List<string>, removed: readonly string[], added: readonly string[]): string[] {
  // Some clients and engines have names without the prefix.
  const isRemoved = (name: string) => removed.some((one) => one === "ALL" || one === name || one === `CAP_${name}`);
  return [...new Set([...(names ?? []).filter((name) => !isRemoved(name)), ...added])];
}

function securityOptions(host: Host, { "security-opt": added = [] }: ContainerSettings): Host {
  const { SecurityOpt: options, ...unmasked } = securityFields(added);
  // `label` has parts of its own: `label=type:svirt_t`.
  const keyOf = (option: string) => /^(?:label[=:][^:]*|[^=:]*)/.exec(option)?.[0];
  return { ...(options && { SecurityOpt: merge(host.SecurityOpt, options, keyOf) }), ...unmasked };
}

/** The engine has two fields for docker's `systempaths=unconfined`. */
export function securityFields(all: readonly string[]): Pick<Host, "SecurityOpt" | "MaskedPaths" | "ReadonlyPaths"> {
  const options = all.filter((option) => option !== "systempaths=unconfined");
  return {
    ...(options.length > 0 && { SecurityOpt: options }),
    ...(options.length < all.length && { MaskedPaths: [], ReadonlyPaths: [] }),
  };
}

function devices(host: Host, { device = [], gpus }: ContainerSettings): Host {
  const files = device.flatMap((one) => ("PathOnHost" in one ? one : []));
  const named = device.flatMap((one) => ("PathOnHost" in one ? [] : one));
  const requests = [...named, ...(gpus ?? [])];
  const isGpu = (capabilities: List<List<string>>) => capabilities?.some((all) => all?.includes("gpu")) ?? false;
  const kept = (host.DeviceRequests ?? []).filter(({ Capabilities }) => !(gpus && isGpu(Capabilities)));
  return {
    ...(files.length > 0 && {
      Devices: merge<Device>(host.Devices, files, ({ PathInContainer }) => PathInContainer),
    }),
    ...(requests.length > 0 && { DeviceRequests: [...kept, ...requests] }),
  };
}

/** A port of the container may be published several times. */
export function portBindings(ports: readonly PortMapping[]): PortBindings {
  const bindings: Record<string, PortBinding[]> = {};
  for (const { port, hostAddress, hostPort } of ports) {
    bindings[port] = [...(bindings[port] ?? []), { HostIp: hostAddress, HostPort: hostPort }];
  }
  return bindings;
}

/** Docker's client sends them too. */
export const exposedPorts = (bindings: PortBindings): Record<string, object> =>
  Object.fromEntries(Object.keys(bindings).map((port) => [port, {}]));

export const toMapping = ({ port, protocol, hostAddress = "", hostPort }: PublishedPort): PortMapping => ({
  port: `${port}/${protocol}`,
  hostAddress,
  hostPort: String(hostPort ?? ""),
});

/** @returns undefined for the default of oneoff. Without a driver, options are for the engine's default driver. */
function resolveLog(
  { "log-driver": driver, "log-opt": options = [] }: ContainerSettings,
  log: Log | undefined,
): LogConfig | undefined {
  if (driver === undefined && options.length === 0 && !log) return undefined;
  const inherited = driver === undefined ? log?.options : undefined;
  return { Type: driver ?? log?.driver ?? "", Config: Object.fromEntries([...(inherited ?? []), ...options]) };
}
