import { isNamedNetwork } from "../../engine/networks.ts";
import type { ContainerCopy } from "../apps/copy.ts";

/** A network to join, and the links that its DNS is to resolve: `db:alias`. */
export interface NetworkJoin {
  readonly network: string;
  readonly links: readonly string[];
}

export interface NetworkPlan {
  /** Named at create; undefined for the engine's default. */
  readonly first: NetworkJoin | undefined;
  /** Joined before the start. */
  readonly more: readonly NetworkJoin[];
  /** Legacy links, which work in the engine's default network only. */
  readonly links: readonly string[];
}

/** What it is called by: `db:alias` is called alias. */
const aliasOf = (link: string) => link.slice(link.indexOf(":") + 1);

/** Later links take precedence over earlier ones of the same alias. */
const merged = (...lists: readonly (readonly string[])[]) => [
  ...new Map(lists.flat().map((link) => [aliasOf(link), link])).values(),
];

/**
 * @param asked the networks of the options or of oneoff.yaml, which replace those of the container.
 * @param links those of the options; docker gives them to the first network.
 */
export function networkPlan(
  asked: readonly string[] | undefined,
  links: readonly string[],
  copy?: Pick<ContainerCopy, "networks" | "links" | "networkLinks">,
): NetworkPlan {
  const names = asked ?? copy?.networks ?? [];
  const [first, ...more] = names.map((network, index): NetworkJoin => {
    const own = copy?.networkLinks?.[network] ?? [];
    return { network, links: index === 0 && isNamedNetwork(network) ? merged(own, links) : own };
  });
  const isDefault = first === undefined || !isNamedNetwork(first.network);
  const copied = asked === undefined ? (copy?.links ?? []) : [];
  return { first, more, links: isDefault ? merged(copied, links) : copied };
}

/** Where the links of a plan come from. */
export interface LinkSources {
  /** The options. */
  readonly asked: readonly string[];
  /** The container that is copied. */
  readonly copied: readonly string[];
}

export function linkSources({ first, more, links }: NetworkPlan, asked: readonly string[]): LinkSources {
  const all = [...links, ...[first, ...more].flatMap((join) => join?.links ?? [])];
  return { asked, copied: [...new Set(all)].filter((link) => !asked.includes(link)) };
}
