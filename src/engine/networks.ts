import { networkList } from "./answers.ts";
import type { Transport } from "./transport.ts";

export interface NetworkSummary {
  readonly Name: string;
  readonly Driver: string;
}

/** `GET /networks`. */
export async function listNetworks(engine: Transport): Promise<NetworkSummary[]> {
  return (await engine.send({ method: "GET", path: "/networks" })).json<NetworkSummary[]>(networkList);
}

/** Whether a user created the network: the default networks resolve no names. */
export const isNamedNetwork = (network: string) => !/^(?:default|bridge|podman|host|none|container:.*)$/.test(network);
