import { created, networkDetails, networkList } from "./answers.ts";
import type { Transport } from "./transport.ts";

export interface NetworkSummary {
  readonly Name: string;
  readonly Driver: string;
  /** `swarm` for a network of a whole Swarm. */
  readonly Scope?: string;
}

/** `GET /networks`. */
export async function listNetworks(engine: Transport): Promise<NetworkSummary[]> {
  return (await engine.send({ method: "GET", path: "/networks" })).json<NetworkSummary[]>(networkList);
}

/** `GET /networks/{id}` */
export interface NetworkDetails extends NetworkSummary {
  readonly Id: string;
  /** Whether containers that belong to no service can join a network of a Swarm. */
  readonly Attachable?: boolean;
  /** `local` or `swarm`. */
  readonly Scope?: string;
}

/** `GET /networks/{id}`, also of a network that the list omits: `host` as a network of a Swarm. @throws OneoffError with status 404. */
export async function inspectNetwork(engine: Transport, idOrName: string): Promise<NetworkDetails> {
  const path = `/networks/${encodeURIComponent(idOrName)}`;
  return (await engine.send({ method: "GET", path })).json<NetworkDetails>(networkDetails);
}

/** `POST /networks/create` */
export interface NetworkCreateBody {
  readonly Name: string;
  readonly CheckDuplicate: true;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Driver?: string;
  readonly Options?: Readonly<Record<string, string>>;
  readonly Internal?: boolean;
  readonly Attachable?: boolean;
  readonly IPAM?: object;
  readonly EnableIPv4?: boolean;
  readonly EnableIPv6?: boolean;
}

/** `POST /networks/create`. @returns the ID. @throws OneoffError with status 409 if a network has the name. */
export async function createNetwork(engine: Transport, body: NetworkCreateBody): Promise<string> {
  return (await (await engine.send({ method: "POST", path: "/networks/create", body })).json<{ Id: string }>(created))
    .Id;
}

/** `DELETE /networks/{id}`. @throws OneoffError with status 403 if a container uses it. */
export async function removeNetwork(engine: Transport, id: string): Promise<void> {
  await (await engine.send({ method: "DELETE", path: `/networks/${encodeURIComponent(id)}` })).drop();
}

/** Whether a user created the network: the default networks resolve no names. */
export const isNamedNetwork = (network: string) => !/^(?:default|bridge|podman|host|none|container:.*)$/.test(network);
