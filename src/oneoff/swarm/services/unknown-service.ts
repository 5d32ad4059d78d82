import { swarmMembership } from "../../../engine/swarm/nodes.ts";
import type { Transport } from "../../../engine/transport.ts";
import { notAManager } from "../../../errors/swarm.ts";
import { containerNameOf } from "../../../identity/ownership.ts";
import type { Candidate } from "../../apps/candidates.ts";

/** Why a service cannot be copied although one of its tasks is on this node. */
export async function unknownService(engine: Transport, appName: string, { container }: Candidate) {
  const { managers } = await swarmMembership(engine);
  return notAManager(
    appName,
    containerNameOf(container),
    managers.map(({ Addr }) => Addr),
  );
}
