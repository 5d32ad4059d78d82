import { swarmMembership } from "../../engine/swarm/nodes.ts";
import type { Service } from "../../engine/swarm/service-types.ts";
import { listServices } from "../../engine/swarm/services.ts";
import { listTasks } from "../../engine/swarm/tasks.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { LABEL } from "../../identity/labels.ts";
import { listOwn } from "../../identity/ownership.ts";
import { isLive, type Oneoff, toOneoff } from "../lookup/oneoff.ts";
import type { Owner } from "../reaping/owner.ts";
import { SILENT_OWNER_TIMEOUT_S } from "../reaping/staleness.ts";
import { kindOfService } from "../swarm/tasks/list-services.ts";
import { firstTask, isFinalState } from "../swarm/tasks/task-states.ts";
import type { ConfigLock } from "./config-lock.ts";

/** What is known of the holder of a lock. */
export interface LockHolder {
  /** Undefined for an owner on another machine. */
  readonly isOwnerAlive: boolean | undefined;
  /** The service of a one-off that is a task, or the holder beside which it runs. */
  readonly service?: { readonly id: string; readonly isTask: boolean; readonly hasEnded: boolean } | undefined;
  /** The one-off on an engine that was asked. */
  readonly container?: { readonly oneoff: Oneoff; readonly engine: Transport } | undefined;
  /** The one-off was left running on a node whose engine was not asked. */
  readonly isElsewhere?: boolean;
}

/**
 * Whether a lock is not held any more. A service that exists and a container that runs hold it, whatever has happened to
 * the process that has started them. @param now seconds since 1970 by the clock of the manager.
 */
export function isStaleLock({ renewed }: Pick<ConfigLock, "renewed">, holder: LockHolder, now: number): boolean {
  const { service, container, isOwnerAlive, isElsewhere } = holder;
  if (container) return !isLive(container.oneoff);
  if (service) return service.hasEnded;
  if (isElsewhere) return false;
  return isOwnerAlive === undefined ? now - renewed > SILENT_OWNER_TIMEOUT_S : !isOwnerAlive;
}

/** @param engines the manager, and the engine of the node where one-offs run. */
export async function findLockHolder(
  { manager, engine }: { readonly manager: Transport; readonly engine: Transport },
  { isAlive }: Pick<Owner, "isAlive">,
  lock: ConfigLock,
): Promise<LockHolder> {
  const isOwnerAlive = lock.owner === "" ? undefined : isAlive(lock.owner);
  const service = await findService(manager, lock);
  if (service?.isTask) return { isOwnerAlive, service };
  for (const one of new Set([engine, manager])) {
    const oneoff = await findContainer(one, lock);
    if (oneoff) return { isOwnerAlive, container: { oneoff, engine: one } };
  }
  if (service || lock.container === undefined) return { isOwnerAlive, service };
  const [, node] = lock.container.split("@");
  const nodes = await Promise.all([engine, manager].map(async (one) => (await swarmMembership(one)).nodeId));
  // Its container does not exist on its node.
  return nodes.includes(node) ? { isOwnerAlive: false } : { isOwnerAlive, isElsewhere: true };
}

const labelsOf = ({ app, name }: ConfigLock) => [`${LABEL.app}=${app}`, `${LABEL.name}=${name}`];

async function findService(manager: Transport, lock: ConfigLock): Promise<LockHolder["service"]> {
  const services = await listServices(manager, { label: [`${LABEL.name}=${lock.name}`] });
  const found = services.find((one) => one.Spec.Labels?.[LABEL.app] === lock.app && isHolder(one));
  if (!found) return undefined;
  const isTask = kindOfService(found) === "run";
  return { id: found.ID, isTask, hasEnded: isTask && (await hasEnded(manager, found)) };
}

const isHolder = (service: Service) => ["run", "holder"].includes(kindOfService(service) ?? "");

async function hasEnded(manager: Transport, { ID }: Service): Promise<boolean> {
  try {
    const task = firstTask(await listTasks(manager, { service: [ID] }));
    return task !== undefined && isFinalState(task.Status.State);
  } catch (error) {
    if (isRefusal(error, 404)) return true;
    throw error;
  }
}

async function findContainer(engine: Transport, lock: ConfigLock): Promise<Oneoff | undefined> {
  const containers = await listOwn(engine, { label: labelsOf(lock) });
  const own = containers.filter((one) => one.Labels[LABEL.kind] === "run");
  return own.map(toOneoff).toSorted((a, b) => b.created - a.created)[0];
}
