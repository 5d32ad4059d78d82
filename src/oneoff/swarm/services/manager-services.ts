import type { Service } from "../../../engine/swarm/service-types.ts";
import { listServices, type ServiceFilters } from "../../../engine/swarm/services.ts";
import type { Transport } from "../../../engine/transport.ts";
import { isDenied, isNotManager } from "../../../errors/swarm-oneoffs.ts";

/** Why an engine does not list services: it is in no Swarm, or it is a worker, or behind a proxy that denies the request. */
export type NoServices = "no-swarm" | "worker";

/**
 * Lists services of the Swarm. No answer of older engines tells whether they are managers, so the request itself is the
 * cheapest way to find out: other engines refuse it at once. It is sent only if a container found before is a task, or if
 * nothing was found at all; Podman never gets it.
 * @param status whether to count the tasks of each service.
 */
export async function askServices(
  engine: Transport,
  filters: ServiceFilters = {},
  status = false,
): Promise<readonly Service[] | NoServices> {
  if (engine.quirks.name === "podman") return "no-swarm";
  try {
    return await listServices(engine, filters, status);
  } catch (error) {
    if (isNotManager(error)) return /worker/i.test(error.reason) ? "worker" : "no-swarm";
    if (isDenied(error)) return "worker";
    throw error;
  }
}

/** @returns undefined on an engine that is not a manager */
export async function managerServices(
  engine: Transport,
  filters: ServiceFilters = {},
  status = false,
): Promise<readonly Service[] | undefined> {
  const services = await askServices(engine, filters, status);
  return typeof services === "string" ? undefined : services;
}
