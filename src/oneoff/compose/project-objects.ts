import { networkKeys } from "../../app/compose/network-keys.ts";
import type { ComposeNetwork, ComposeProject, ComposeVolume } from "../../app/compose/project.ts";
import type { ComposeService } from "../../app/compose/service.ts";
import type { NetworkCreateBody } from "../../engine/networks.ts";
import type { VolumeCreateBody } from "../../engine/volumes.ts";
import { setFields } from "./set-fields.ts";

/** The networks and volumes of a service. */
export interface ServiceObjects {
  readonly networks: readonly PlannedObject<NetworkCreateBody>[];
  readonly volumes: readonly PlannedObject<VolumeCreateBody>[];
}

export interface PlannedObject<Body> {
  readonly name: string;
  /** Undefined for an external one. */
  readonly create: Body | undefined;
}

export function serviceObjects(project: ComposeProject, service: ComposeService): ServiceObjects {
  const { networks = {}, volumes = {} } = project;
  const joined = service.network_mode ? [] : networkKeys(service);
  const mounted = (service.volumes ?? []).flatMap(({ type, source }) => (type === "volume" && source) || []);
  return {
    networks: joined.flatMap((key) => {
      const network = networks[key];
      return network ? { name: network.name, create: networkBody(project, key, network) } : [];
    }),
    volumes: [...new Set(mounted)].flatMap((key) => {
      const volume = volumes[key];
      return volume ? { name: volume.name, create: volumeBody(project, key, volume) } : [];
    }),
  };
}

/**
 * The labels by which Compose recognizes its objects. The hash of the configuration is omitted: Compose accepts an
 * object without it, and recreates one whose hash another version of Compose calculates differently.
 */
const labelsOf = (project: ComposeProject, kind: "network" | "volume", key: string) => ({
  "com.docker.compose.project": project.name,
  [`com.docker.compose.${kind}`]: key,
});

function networkBody(project: ComposeProject, key: string, network: ComposeNetwork): NetworkCreateBody | undefined {
  if (network.external) return undefined;
  const { name, driver, driver_opts, ipam = {}, internal, attachable, enable_ipv4, enable_ipv6 } = network;
  const pools = (ipam.config ?? []).map(({ subnet, ip_range, gateway, aux_addresses }) =>
    setFields({ Subnet: subnet, IPRange: ip_range, Gateway: gateway, AuxiliaryAddresses: aux_addresses }),
  );
  return {
    Name: name,
    // Older engines otherwise create a second network with the name.
    CheckDuplicate: true,
    Labels: { ...network.labels, ...labelsOf(project, "network", key) },
    ...setFields({
      Driver: driver,
      Options: driver_opts,
      Internal: internal,
      Attachable: attachable,
      IPAM: setFields({ Driver: ipam.driver, Config: pools }),
    }),
    ...(enable_ipv4 !== undefined && { EnableIPv4: enable_ipv4 }),
    ...(enable_ipv6 !== undefined && { EnableIPv6: enable_ipv6 }),
  };
}

function volumeBody(project: ComposeProject, key: string, volume: ComposeVolume): VolumeCreateBody | undefined {
  if (volume.external) return undefined;
  return {
    Name: volume.name,
    Labels: { ...volume.labels, ...labelsOf(project, "volume", key) },
    ...setFields({ Driver: volume.driver, DriverOpts: volume.driver_opts }),
  };
}
