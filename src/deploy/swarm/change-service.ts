import { setTimeout as pause } from "node:timers/promises";
import type { ServiceSpec } from "../../engine/swarm/service-types.ts";
import { createService, inspectService, updateService } from "../../engine/swarm/services.ts";
import { listTasks } from "../../engine/swarm/tasks.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { releaseOfService } from "../../release/swarm-releases.ts";
import { type FollowContext, followService, type Outcome } from "./follow-service.ts";

export interface ChangeContext extends FollowContext {
  /** The header `X-Registry-Auth`, which the nodes use to pull the image. */
  readonly auth: string | undefined;
}

/** A change of the service of one process type. */
export interface ServiceChange {
  readonly app: string;
  readonly type: string;
  readonly spec: ServiceSpec;
  /** For how long new tasks must stay up. */
  readonly monitorS: number;
  /** Whether Swarm waits until a task is healthy. */
  readonly isChecked: boolean;
}

/** Creates a service and waits until its tasks are healthy. */
export async function createAndFollow(
  context: ChangeContext,
  { spec, monitorS, ...names }: ServiceChange,
  onCreated: (id: string) => void,
): Promise<Outcome> {
  const id = await createService(context.engine, spec, context.auth);
  onCreated(id);
  const expected = { ...targetOf(spec), isUpdate: false, oldTasks: new Set<string>(), monitorS };
  return await followService(context, { id, ...names }, expected);
}

/** Updates a service and waits until Swarm has replaced its tasks, or has rolled them back. */
export async function updateAndFollow(
  context: ChangeContext,
  id: string,
  { spec, monitorS, ...names }: ServiceChange,
): Promise<Outcome> {
  const { engine, auth } = context;
  const oldTasks = new Set((await listTasks(engine, { service: [id] })).map(({ ID }) => ID));
  const before = await update(engine, id, spec, auth);
  const after = await inspectService(engine, id);
  const target = targetOf(spec);
  // Swarm reports the outcome only if it has tasks to replace.
  const hasTasks = (before.Mode?.Replicated?.Replicas ?? 0) > 0 && target.quantity > 0;
  const isUpdate = after.UpdateStatus?.State !== undefined || (hasTasks && !hasSameTasks(before, after.Spec));
  return await followService(context, { id, ...names }, { ...target, isUpdate, oldTasks, monitorS });
}

/** Both as the engine returns them, with its defaults. */
const hasSameTasks = (a: ServiceSpec, b: ServiceSpec) =>
  JSON.stringify(a.TaskTemplate) === JSON.stringify(b.TaskTemplate);

const MAX_ATTEMPTS = 20;
const RETRY_INTERVAL_MS = 50;

/** Managers change a service, too, e.g. the state of its last update. @returns the spec before. */
async function update(engine: Transport, id: string, spec: ServiceSpec, auth: string | undefined) {
  for (let attempt = 1; ; attempt += 1) {
    const service = await inspectService(engine, id);
    try {
      await updateService(engine, service, spec, auth);
      return service.Spec;
    } catch (error) {
      if (!isOutOfSequence(error) || attempt === MAX_ATTEMPTS) throw error;
      await pause(RETRY_INTERVAL_MS);
    }
  }
}

const isOutOfSequence = (error: unknown) => isRefusal(error, 500, 409) && /out of sequence/i.test(error.reason);

const targetOf = (Spec: ServiceSpec) => ({
  release: releaseOfService({ Spec }),
  quantity: Spec.Mode?.Replicated?.Replicas ?? 0,
});
