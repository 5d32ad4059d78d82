import { type EngineInfo, engineInfo } from "../system.ts";
import type { Transport } from "../transport.ts";
import { node, nodeList } from "./answers.ts";
import type { SwarmNode } from "./node-types.ts";

/** `GET /nodes`. @throws OneoffError with status 503 on an engine that is not a manager. */
export async function listNodes(engine: Transport): Promise<SwarmNode[]> {
  return (await engine.send({ method: "GET", path: "/nodes" })).json<SwarmNode[]>(nodeList);
}

/** `GET /nodes/{id}`. @throws OneoffError with status 404 for a node that was removed. */
export async function inspectNode(engine: Transport, id: string): Promise<SwarmNode> {
  return (await engine.send({ method: "GET", path: `/nodes/${encodeURIComponent(id)}` })).json<SwarmNode>(node);
}

/** The Swarm as seen by an engine. */
export interface SwarmMembership {
  /** The ID of this engine's node; undefined outside of a Swarm. */
  readonly nodeId: string | undefined;
  readonly isManager: boolean;
  /** `active`, `inactive`, `pending`, `locked` or `error`. */
  readonly state: string;
  /** Why the state is `error`, or an active manager does not respond. */
  readonly error: string | undefined;
  /** Addresses of managers: `10.0.0.1:2377`. */
  readonly managers: readonly { readonly NodeID: string; readonly Addr: string }[];
  /** The data folder of the engine. */
  readonly rootDir: string | undefined;
  /** The host name of the engine. */
  readonly hostname: string | undefined;
}

/** `GET /info`, its part about the Swarm. */
export const swarmMembership = async (engine: Transport): Promise<SwarmMembership> =>
  toMembership(await engineInfo(engine));

export function toMembership({ Swarm, DockerRootDir, Name }: EngineInfo): SwarmMembership {
  const { NodeID, LocalNodeState = "inactive", ControlAvailable = false, RemoteManagers } = Swarm ?? {};
  return {
    nodeId: NodeID || undefined,
    isManager: ControlAvailable,
    state: LocalNodeState,
    error: Swarm?.Error || undefined,
    managers: RemoteManagers ?? [],
    rootDir: DockerRootDir,
    hostname: Name,
  };
}
