import { authFor, type Credentials } from "../../../engine/registry.ts";
import type { ServiceSpec } from "../../../engine/swarm/service-types.ts";
import { listServices, removeService, requestService, sameLabels } from "../../../engine/swarm/services.ts";
import type { Transport } from "../../../engine/transport.ts";
import { isConnectionLoss, isRefusal } from "../../../errors/engine.ts";
import { because, type OneoffError, warning } from "../../../errors/error.ts";
import type { Report } from "../../../output/events.ts";
import { retryUntilManaged } from "../manager-retry.ts";

/** Credentials of a registry for the nodes. */
export interface RegistryAccess {
  /** The header `X-Registry-Auth`. */
  readonly auth: string | undefined;
  /** Why configured credentials are not used. */
  readonly without?: OneoffError;
}

/** Reads the credentials for an image, as docker sends them. A service that is copied does not show its own. */
export async function registryAccess(credentials: Credentials | undefined, image: string): Promise<RegistryAccess> {
  const { header, without } = await authFor(image, credentials);
  return { auth: header, ...(without && { without }) };
}

/**
 * Creates a service of one exactly once: a service whose ID was lost with the connection is found again by its unique name
 * and its labels. @returns its ID; undefined if the name is in use.
 */
export async function createOneTask(
  engine: Transport,
  spec: ServiceSpec,
  { auth, onRetry }: Pick<RegistryAccess, "auth"> & { onRetry(error: unknown): void },
): Promise<string | undefined> {
  let mayExist = false;
  return await retryUntilManaged(
    engine,
    async () => {
      if (mayExist) {
        const found = await findOwn(engine, spec);
        if (found !== undefined) return found;
      }
      try {
        return await requestService(engine, spec, auth);
      } catch (error) {
        // A request that was cut may have arrived, and may be the one that holds the name.
        if (isRefusal(error, 409)) return mayExist ? await findOwn(engine, spec) : undefined;
        mayExist ||= isConnectionLoss(error) || isRefusal(error, 500, 503);
        throw error;
      }
    },
    onRetry,
  );
}

async function findOwn(engine: Transport, { Name, Labels }: ServiceSpec): Promise<string | undefined> {
  const services = await listServices(engine, { name: [Name] });
  return services.find(({ Spec }) => Spec.Name === Name && sameLabels(Spec.Labels, Labels))?.ID;
}

/** Removes the service of a task that has ended. Another client may have removed it. */
export async function discardService(engine: Transport, report: Report, id: string, name: string): Promise<void> {
  try {
    await retryUntilManaged(engine, () => removeService(engine, id));
  } catch (error) {
    if (!isRefusal(error, 404)) report(warning(because(`cannot remove the service ${name}`, error)));
  }
}
