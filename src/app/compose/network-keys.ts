import type { ComposeService } from "./service.ts";

/** The keys of a service's networks in the order in which they are joined. */
export const networkKeys = ({ networks = {} }: ComposeService): string[] =>
  Object.entries(networks)
    .map(([key, network]) => ({ key, priority: network?.priority ?? 0 }))
    .sort((a, b) => b.priority - a.priority || (a.key < b.key ? -1 : 1))
    .map(({ key }) => key);
