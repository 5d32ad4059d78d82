import type { SwarmNode } from "../../../engine/swarm/node-types.ts";
import type { ServiceSpec } from "../../../engine/swarm/service-types.ts";
import { isPlatform, unsatisfied } from "./constraints.ts";

/** Why a node cannot run a service; undefined if it can. */
export function whyUnfit(node: SwarmNode, { TaskTemplate: { Placement } }: ServiceSpec): string | undefined {
  if (node.Status.State !== "ready") return `the node is ${node.Status.State}`;
  if (node.Spec.Availability !== "active") return `the availability of the node is "${node.Spec.Availability}"`;
  const [constraint] = unsatisfied(node, Placement ?? {});
  if (constraint !== undefined) return `it does not satisfy the constraint ${constraint}`;
  if (!isPlatform(node, Placement ?? {})) return "the image is for another platform";
  return undefined;
}

export interface NodeFacts {
  readonly spec: ServiceSpec;
  readonly nodes: readonly SwarmNode[];
  /** The node of the engine that oneoff is connected to. */
  readonly ownId: string | undefined;
  /** IDs of the nodes that run tasks of the service. */
  readonly taskNodes: readonly string[];
}

/**
 * The nodes that can run a service, in the order in which their engines are tried: the own node first, then those
 * that run its tasks. Data of a node is where the tasks are: then other nodes are left out.
 */
export function fittingNodes({ spec, nodes, ownId, taskNodes }: NodeFacts): SwarmNode[] {
  const fitting = nodes.filter((node) => whyUnfit(node, spec) === undefined);
  const withTask = fitting.filter(({ ID }) => taskNodes.includes(ID));
  const chosen = usesNodeData(spec) && withTask.length > 0 ? withTask : fitting;
  const rank = ({ ID }: SwarmNode) => (ID === ownId ? 0 : taskNodes.includes(ID) ? 1 : 2);
  return chosen.toSorted((a, b) => rank(a) - rank(b));
}

/** Whether a service mounts folders or volumes whose content differs between nodes. */
export const usesNodeData = ({ TaskTemplate: { ContainerSpec } }: ServiceSpec): boolean =>
  (ContainerSpec?.Mounts ?? []).some(
    ({ Type, VolumeOptions }) => Type === "bind" || (Type === "volume" && isLocal(VolumeOptions?.DriverConfig)),
  );

interface DriverConfig {
  readonly Name?: string;
  readonly Options?: Readonly<Record<string, string>> | null;
}

/** The driver `local` mounts a network file system if it has a type. */
const isLocal = ({ Name, Options }: DriverConfig = {}) =>
  (Name === undefined || Name === "" || Name === "local") && ["", "none", undefined].includes(Options?.type);

/** The nodes with this ID, beginning of an ID or host name. */
export function matchNodes(word: string, nodes: readonly SwarmNode[]): SwarmNode[] {
  const exact = nodes.filter(({ ID, Description }) => ID === word || Description.Hostname === word);
  return exact.length > 0 ? exact : nodes.filter(({ ID }) => ID.startsWith(word));
}
