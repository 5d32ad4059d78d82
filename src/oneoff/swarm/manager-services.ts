import type { Service } from "../../engine/swarm/service-types.ts";
import { listServices, type ServiceFilters } from "../../engine/swarm/services.ts";
import type { Transport } from "../../engine/transport.ts";
import { isNotManager } from "../../errors/swarm-oneoffs.ts";

/**
 * Lists services of the Swarm. No answer of older engines tells whether they are managers, so the request itself is the
 * cheapest way to find out: other engines refuse it at once. It is sent only if a container found before is a task, or if
 * nothing was found at all; Podman never gets it.
 * @returns undefined on an engine that is not a manager.
 */
export async function managerServices(
  engine: Transport,
  filters: ServiceFilters = {},
): Promise<readonly Service[] | undefined> {
  if (engine.quirks.name === "podman") return undefined;
  try {
    return await listServices(engine, filters);
  } catch (error) {
    if (isNotManager(error)) return undefined;
    throw error;
  }
}
