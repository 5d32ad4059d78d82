import { inspectNetwork } from "../../../engine/networks.ts";
import type { SwarmNode } from "../../../engine/swarm/node-types.ts";
import { listNodes, type SwarmMembership, swarmMembership } from "../../../engine/swarm/nodes.ts";
import type { ServiceSpec } from "../../../engine/swarm/service-types.ts";
import { listTasks } from "../../../engine/swarm/tasks.ts";
import type { Transport } from "../../../engine/transport.ts";
import { ambiguousNode, unfitNode, unknownNode } from "../../../errors/swarm-run.ts";
import { canHold } from "../holder/holder-image.ts";
import type { ServiceApp } from "../services/service-app.ts";
import { fittingNodes, matchNodes, usesNodeData, whyUnfit } from "./choose-node.ts";
import { type Needs, needsOf, type Way, wayOnNode } from "./choose-way.ts";
import type { NodeEngine } from "./node-engine.ts";

export interface PlaceRequest {
  /** `--node` */
  readonly node: string | undefined;
  /** Why the one-off is to be a service task, e.g. `--anywhere`; undefined if a container is preferred. */
  readonly taskReason: string | undefined;
  /** Networks that replace the service's. */
  readonly networks: readonly string[] | undefined;
}

interface OnNode extends NodeEngine {
  readonly way: Exclude<Way, "task">;
  readonly node: SwarmNode;
  readonly needs: Needs;
}

interface AsTask {
  readonly way: "task";
  /** The only node where it may run. */
  readonly node: SwarmNode | undefined;
  readonly reason: string;
  /** A node whose engine would run it as a container. */
  readonly wanted: SwarmNode | undefined;
}

/** Where and how a one-off of a service runs. */
export type Place = OnNode | AsTask;

/**
 * Chooses the node and the way of a one-off.
 * @param findEngine connects to the engine of another node, if its address is known.
 * @throws OneoffError if the requested node does not exist or cannot run the service
 */
export async function placeOneoff(
  manager: Transport,
  { service }: ServiceApp,
  { node: word, taskReason, networks: joined }: PlaceRequest,
  findEngine: (node: SwarmNode) => Promise<NodeEngine | undefined>,
): Promise<Place> {
  const { Spec: spec } = service;
  // Swarm finds the node.
  if (taskReason !== undefined && word === undefined && !usesNodeData(spec))
    return { way: "task", node: undefined, reason: taskReason, wanted: undefined };
  const findTasks = () => listTasks(manager, { service: [service.ID], "desired-state": ["running"] });
  const [nodes, own, networks, earlyTasks] = await Promise.all([
    listNodes(manager),
    swarmMembership(manager),
    serviceNetworks(manager, spec, joined),
    usesNodeData(spec) ? findTasks() : undefined,
  ]);
  const requested = word === undefined ? undefined : requireNode(word, nodes, spec);
  const ranked = async (tasks = earlyTasks) => {
    const taskNodes = (tasks ?? []).flatMap(({ NodeID, Status }) =>
      NodeID && Status.State === "running" ? NodeID : [],
    );
    return fittingNodes({ spec, nodes, ownId: own.nodeId, taskNodes });
  };
  const first = requested ? [requested] : await ranked();
  // Without a task, no node has the data yet.
  const hasData = earlyTasks?.some(({ NodeID }) => NodeID === first[0]?.ID);
  const pinned = requested ?? (hasData ? first[0] : undefined);
  if (taskReason !== undefined) return { way: "task", node: pinned, reason: taskReason, wanted: undefined };
  const isOwnFirst = requested !== undefined || first[0]?.ID === own.nodeId;
  const candidates = isOwnFirst || earlyTasks ? first : await ranked(await findTasks());
  const needs = needsOf(spec, networks, joined);
  const way = wayOnNode(needs);
  for (const node of candidates) {
    if (way === "sibling" && !canHold(node)) continue;
    const found = node.ID === own.nodeId ? ownEngine(manager, own) : await findEngine(node);
    if (found) return { ...found, way, node, needs };
  }
  const reason = candidates.length === 0 ? "no node fits the service" : "no engine of a fitting node is known";
  return { way: "task", node: pinned, reason, wanted: candidates[0] };
}

const ownEngine = (engine: Transport, { rootDir = "/var/lib/docker" }: SwarmMembership) => ({ engine, rootDir });

function requireNode(word: string, nodes: readonly SwarmNode[], spec: ServiceSpec): SwarmNode {
  const [node, ...others] = matchNodes(word, nodes);
  if (!node) {
    throw unknownNode(
      word,
      nodes.map(({ Description }) => Description.Hostname),
    );
  }
  if (others.length > 0)
    throw ambiguousNode(
      word,
      [node, ...others].map(({ ID }) => ID),
    );
  const reason = whyUnfit(node, spec);
  if (reason !== undefined) throw unfitNode(word, spec.Name, reason);
  return node;
}

const serviceNetworks = (
  engine: Transport,
  { TaskTemplate, Networks }: ServiceSpec,
  joined: PlaceRequest["networks"],
) =>
  Promise.all(
    joined ? [] : (TaskTemplate.Networks ?? Networks ?? []).map(({ Target }) => inspectNetwork(engine, Target)),
  );
