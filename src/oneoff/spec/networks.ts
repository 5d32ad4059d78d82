import { isNamedNetwork } from "../../engine/networks.ts";
import type { ContainerCreateBody, EndpointConfig } from "../../engine/types.ts";
import type { ContainerCopy } from "../apps/copy.ts";

/** A network to join, and the links to resolve in it: `db:alias`. */
export interface NetworkJoin {
  readonly network: string;
  readonly links: readonly string[];
  /** Further settings of a Compose file. */
  readonly endpoint?: EndpointConfig;
}

export interface NetworkPlan {
  /** Set on create; undefined for the engine's default. */
  readonly first: NetworkJoin | undefined;
  /** Joined before the start. */
  readonly more: readonly NetworkJoin[];
  /** Legacy links, which work in the engine's default network only. */
  readonly links: readonly string[];
}

const aliasOf = (link: string) => link.slice(link.indexOf(":") + 1);

/** Later links take precedence over earlier ones of the same alias. */
const mergeLinks = (...lists: readonly (readonly string[])[]) => [
  ...new Map(lists.flat().map((link) => [aliasOf(link), link])).values(),
];

/**
 * @param requested networks of options or oneoff.yaml, which replace the container's.
 * @param links of options; docker adds them to the first network.
 */
export function planNetworks(
  requested: readonly string[] | undefined,
  links: readonly string[],
  copy?: Pick<ContainerCopy, "networks" | "links" | "networkLinks" | "endpoints">,
): NetworkPlan {
  const names = requested ?? copy?.networks ?? [];
  const [first, ...more] = names.map((network, index): NetworkJoin => {
    const own = copy?.networkLinks?.[network] ?? [];
    const endpoint = copy?.endpoints?.[network];
    return {
      network,
      links: index === 0 && isNamedNetwork(network) ? mergeLinks(own, links) : own,
      ...(endpoint && { endpoint }),
    };
  });
  const isDefault = first === undefined || !isNamedNetwork(first.network);
  const copied = requested === undefined ? (copy?.links ?? []) : [];
  return { first, more, links: isDefault ? mergeLinks(copied, links) : copied };
}

/** The endpoint of the first network in the create request; undefined if its name suffices. */
export function networkingConfig(first: NetworkJoin | undefined): ContainerCreateBody["NetworkingConfig"] {
  const endpoint = first && endpointOf(first);
  return first && endpoint && Object.keys(endpoint).length > 0
    ? { EndpointsConfig: { [first.network]: endpoint } }
    : undefined;
}

/** The settings of the endpoint in the create or connect request. */
export const endpointOf = ({ links, endpoint }: NetworkJoin): EndpointConfig => ({
  ...endpoint,
  ...(links.length > 0 && { Links: links }),
});

/** The origins of links. */
export interface LinkSources {
  /** From options. */
  readonly requested: readonly string[];
  /** From the container that is copied. */
  readonly copied: readonly string[];
}

export function collectLinks({ first, more, links }: NetworkPlan, requested: readonly string[]): LinkSources {
  const all = [...links, ...[first, ...more].flatMap((join) => join?.links ?? [])];
  return { requested, copied: [...new Set(all)].filter((link) => !requested.includes(link)) };
}
