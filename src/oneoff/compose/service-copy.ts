import type { ComposeProject } from "../../app/compose/project.ts";
import type { ComposeService } from "../../app/compose/service.ts";
import type { PortBindings } from "../../engine/host-types.ts";
import { nothingToShare } from "../../errors/services.ts";
import type { ContainerCopy } from "../apps/copy.ts";
import { portBindings } from "../spec/container-settings.ts";
import { serviceHost } from "./service-host.ts";
import { serviceLimits } from "./service-limits.ts";
import { serviceMounts } from "./service-mounts.ts";
import { serviceNetworks } from "./service-networks.ts";
import { setFields } from "./set-fields.ts";
import { isRunning, type Siblings } from "./siblings.ts";

/** The image of a service, or the name that Compose gives to the image it builds. */
export const serviceImage = (project: string, name: string, service: Pick<ComposeService, "image"> = {}): string =>
  service.image || `${project}-${name}`;

/**
 * The settings of a service as if copied from its container.
 * @throws OneoffError if it shares namespaces or volumes of a service that has no suitable container
 */
export function copyService(
  project: ComposeProject,
  name: string,
  service: ComposeService,
  { siblings, security }: { readonly siblings: Siblings; readonly security: readonly string[] },
): ContainerCopy {
  const share = (what: "network" | "processes" | "memory", mode: string | undefined) => {
    const [, other] = /^service:(.+)$/.exec(mode ?? "") ?? [];
    if (other === undefined) return mode;
    const container = siblings.get(other)?.find(isRunning);
    if (!container) throw nothingToShare(name, other, what);
    return `container:${container.Id}`;
  };
  const { Binds, Mounts } = serviceMounts(project, service);
  return {
    image: serviceImage(project.name, name, service),
    env: Object.entries(service.environment ?? {}).map(([key, value]) => (value === null ? key : `${key}=${value}`)),
    user: service.user ?? "",
    workingDir: service.working_dir ?? "",
    // An empty list clears the image's entrypoint.
    entrypoint: service.entrypoint?.length === 0 ? [""] : service.entrypoint,
    ...setFields({
      hostname: service.hostname,
      domainname: service.domainname,
      platform: service.platform,
      stopSignal: service.stop_signal,
      ports: servicePorts(service),
    }),
    ...(service.stop_grace_period !== undefined && { stopTimeout: goSeconds(service.stop_grace_period) }),
    ...(service.init === false && { init: false }),
    hostConfig: {
      Binds,
      Mounts,
      ...serviceHost(service, security),
      ...serviceLimits(service),
      ...setFields({
        PidMode: share("processes", service.pid),
        IpcMode: share("memory", service.ipc),
        VolumesFrom: (service.volumes_from ?? []).map((from) => volumesFrom(name, from, siblings)),
      }),
    },
    ...serviceNetworks(project, service, siblings, share("network", service.network_mode)),
  };
}

/** Published only with `--service-ports`. */
const servicePorts = ({ ports = [] }: ComposeService): PortBindings =>
  portBindings(
    ports.map(({ target, protocol, host_ip = "", published = "" }) => ({
      port: `${target}/${protocol}`,
      hostAddress: host_ip,
      hostPort: published,
    })),
  );

/** `SERVICE[:ro]`, or `container:NAME`. Compose omits the access mode. */
function volumesFrom(name: string, from: string, siblings: Siblings): string {
  const [first = "", second = ""] = from.split(":");
  if (first === "container") return second;
  const [container] = siblings.get(first) ?? [];
  if (!container) throw nothingToShare(name, first, "volumes");
  return container.Id;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };

/** Whole seconds of a duration as Go writes it: `1m30s`. */
const goSeconds = (text: string): number =>
  Math.trunc(
    [...text.matchAll(/([\d.]+)([a-zµ]+)/g)].reduce(
      (total, [, number, unit = ""]) => total + Number(number) * (UNIT_SECONDS[unit] ?? 0),
      0,
    ),
  );
