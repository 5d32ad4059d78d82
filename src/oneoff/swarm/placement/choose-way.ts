import { isNamedNetwork, type NetworkDetails } from "../../../engine/networks.ts";
import type { ServiceSpec } from "../../../engine/swarm/service-types.ts";

/**
 * How a one-off of a service gets what it needs from a node: as a container alone, as a container beside a service of
 * one that brings the network, secrets and configs, or as that service itself.
 */
export type Way = "container" | "sibling" | "task";

/** What a container cannot have without a task of Swarm. */
export interface Needs {
  /** Names of networks of the service that containers cannot join. */
  readonly networks: readonly string[];
  /** Whether the service brings networks to the one-off. */
  readonly hasNetworks: boolean;
  readonly hasFiles: boolean;
}

/** @param joined the networks that replace the service's. */
export function needsOf(
  { TaskTemplate, Networks }: ServiceSpec,
  networks: readonly NetworkDetails[],
  joined: readonly string[] | undefined,
): Needs {
  const { Secrets, Configs } = TaskTemplate.ContainerSpec ?? {};
  const targets = joined ? [] : (TaskTemplate.Networks ?? Networks ?? []).map(({ Target }) => Target);
  return {
    networks: targets.flatMap((target) => {
      const network = networks.find(({ Id, Name }) => Id === target || Name === target);
      // Swarm has bridge and host as networks of its own, which containers can join.
      const isClosed = network?.Scope === "swarm" && !network.Attachable && isNamedNetwork(network.Name);
      return isClosed ? network.Name : [];
    }),
    hasNetworks: targets.length > 0,
    hasFiles: (Secrets?.length ?? 0) > 0 || (Configs?.length ?? 0) > 0,
  };
}

export const wayOnNode = ({ networks, hasFiles }: Needs): Exclude<Way, "task"> =>
  networks.length > 0 || hasFiles ? "sibling" : "container";
