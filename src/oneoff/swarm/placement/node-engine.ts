import { placeOf } from "../../../engine/endpoint/endpoint.ts";
import type { EndpointOptions } from "../../../engine/endpoint/endpoint-chain.ts";
import type { SwarmNode } from "../../../engine/swarm/node-types.ts";
import { swarmMembership } from "../../../engine/swarm/nodes.ts";
import type { Transport } from "../../../engine/transport.ts";
import { linesOf, OneoffError, warning } from "../../../errors/error.ts";
import { otherNode } from "../../../errors/swarm-run.ts";
import type { Report } from "../../../output/events.ts";

/** Where engines of nodes are configured. */
export interface NodeAddresses {
  /** Addresses by node name, of oneoff.yaml. */
  readonly hosts: ReadonlyMap<string, string>;
  /** The names of docker's contexts. */
  readonly contexts: readonly string[];
}

/** The label of a node with the address of its engine. */
const HOST_LABEL = "dev.oneoff.host";

/** The configured addresses of a node's engine, the most specific first. */
export function addressesOf({ ID, Spec, Description }: SwarmNode, known: NodeAddresses): EndpointOptions[] {
  const { Hostname } = Description;
  const host = known.hosts.get(Hostname) ?? known.hosts.get(ID);
  const label = Spec.Labels?.[HOST_LABEL];
  return [
    ...(host === undefined ? [] : [{ host }]),
    ...(known.contexts.includes(Hostname) ? [{ context: Hostname }] : []),
    ...(label ? [{ host: label }] : []),
  ];
}

export interface NodeEngine {
  readonly engine: Transport;
  /** The data folder of the engine. */
  readonly rootDir: string;
}

/**
 * Connects to the engine of a node. An engine that cannot be reached, or is another node, is reported.
 * @param open the caller disposes the engine that is returned.
 */
export async function findNodeEngine(
  report: Report,
  node: SwarmNode,
  { addresses, open }: { readonly addresses: readonly EndpointOptions[]; open(options: EndpointOptions): Transport },
): Promise<NodeEngine | undefined> {
  for (const address of addresses) {
    const engine = open(address);
    try {
      const { nodeId, rootDir = "/var/lib/docker" } = await swarmMembership(engine);
      if (nodeId === node.ID) return { engine, rootDir };
      report(warning(otherNode(placeOf(engine.endpoint), node.Description.Hostname)));
    } catch (error) {
      if (!(error instanceof OneoffError)) throw error;
      report(warning(linesOf(error)));
    }
    await engine[Symbol.asyncDispose]();
  }
  return undefined;
}
