import type { SwarmNode } from "../../engine/swarm/node-types.ts";
import { listNodes } from "../../engine/swarm/nodes.ts";
import type { Transport } from "../../engine/transport.ts";
import { nodesOutOfReach } from "../../errors/swarm-deploy.ts";
import type { NodeEngine } from "../../oneoff/swarm/placement/node-engine.ts";
import { imageOnNode } from "./image-on-node.ts";
import type { PublishNode } from "./publication.ts";

/** @returns the engine of a node; undefined if it cannot be reached. */
export type FindNodeEngine = (node: SwarmNode) => Promise<NodeEngine | undefined>;

/** The engines of the other nodes that may run a task. */
export async function reachNodes(
  engine: Transport,
  ownId: string,
  findEngine: FindNodeEngine,
): Promise<{ readonly found: readonly PublishNode[]; readonly missing: readonly SwarmNode[] }> {
  const others = (await listNodes(engine)).filter(
    ({ ID, Spec, Status }) => ID !== ownId && Status.State === "ready" && Spec.Availability === "active",
  );
  const found: PublishNode[] = [];
  const missing: SwarmNode[] = [];
  for (const node of others) {
    const reached = await findEngine(node);
    if (reached) found.push({ name: node.Description.Hostname, engine: reached.engine });
    else missing.push(node);
  }
  return { found, missing };
}

/**
 * The nodes to load an image on.
 * @param image the image that is deployed as it is: a node that cannot be reached may have it; undefined if the deploy
 * makes a new one. @throws OneoffError if a node without the image cannot be reached
 */
export async function findPublishNodes(
  engine: Transport,
  ownId: string,
  findEngine: FindNodeEngine,
  { app, image }: { readonly app: string; readonly image: { readonly id: string; readonly name: string } | undefined },
): Promise<readonly PublishNode[]> {
  const { found, missing } = await reachNodes(engine, ownId, findEngine);
  const without: string[] = [];
  for (const node of missing) {
    if (image === undefined || !(await imageOnNode(engine, app, node, image.id)))
      without.push(node.Description.Hostname);
  }
  if (without.length > 0) throw nodesOutOfReach(app, without, image?.name);
  return found;
}
