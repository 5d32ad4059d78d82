import type { Transport } from "./transport.ts";

export interface NetworkSummary {
  readonly Name: string;
  readonly Driver: string;
}

/** `GET /networks`. */
export async function listNetworks(engine: Transport): Promise<NetworkSummary[]> {
  return (await engine.send({ method: "GET", path: "/networks" })).json<NetworkSummary[]>();
}
