import type { Transport } from "../transport.ts";
import { node, nodeList, swarmInfo } from "./answers.ts";
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
  /** Addresses of managers: `10.0.0.1:2377`. */
  readonly managers: readonly { readonly NodeID: string; readonly Addr: string }[];
  /** The data folder of the engine. */
  readonly rootDir: string | undefined;
  /** The host name of the engine. */
  readonly hostname: string | undefined;
}

interface InfoAnswer {
  readonly Name?: string;
  readonly DockerRootDir?: string;
  readonly Swarm?: {
    readonly NodeID?: string;
    readonly LocalNodeState?: string;
    readonly ControlAvailable?: boolean;
    readonly RemoteManagers?: SwarmMembership["managers"] | null;
  } | null;
}

/** `GET /info`, its part about the Swarm. */
export async function swarmMembership(engine: Transport): Promise<SwarmMembership> {
  const info = await (await engine.send({ method: "GET", path: "/info" })).json<InfoAnswer>(swarmInfo);
  const { NodeID, LocalNodeState = "inactive", ControlAvailable = false, RemoteManagers } = info.Swarm ?? {};
  return {
    nodeId: NodeID || undefined,
    isManager: ControlAvailable,
    state: LocalNodeState,
    managers: RemoteManagers ?? [],
    rootDir: info.DockerRootDir,
    hostname: info.Name,
  };
}
