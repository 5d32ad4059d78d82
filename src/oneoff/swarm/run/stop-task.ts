import { inspectService, updateService } from "../../../engine/swarm/services.ts";
import type { Transport } from "../../../engine/transport.ts";
import { isRefusal } from "../../../errors/engine.ts";

/** No node has this ID. */
const NOWHERE = "node.id==stopped-by-oneoff";

const MAX_ATTEMPTS = 5;

/**
 * Stops the task of a service of one: it receives the stop signal, and SIGKILL after its grace period. Its exit code and
 * log stay known, other than after a removal of the service or with no replicas: the service is changed so that no node
 * fits, hence Swarm stops the task and cannot start another one.
 * @returns false if the service does not exist any more.
 */
export async function stopServiceTask(engine: Transport, serviceId: string): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const service = await inspectService(engine, serviceId);
      const { Spec } = service;
      const { Placement } = Spec.TaskTemplate;
      const Constraints = Placement?.Constraints ?? [];
      if (Constraints.includes(NOWHERE)) return true;
      const placement = { ...Placement, Constraints: [...Constraints, NOWHERE] };
      await updateService(engine, service, { ...Spec, TaskTemplate: { ...Spec.TaskTemplate, Placement: placement } });
      return true;
    } catch (error) {
      if (isRefusal(error, 404)) return false;
      const isStale = isRefusal(error, 500) && /out of sequence/.test(error.reason);
      if (!isStale || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}
