import { listContainers } from "../../engine/containers.ts";
import type { SwarmNode } from "../../engine/swarm/node-types.ts";
import { swarmMembership } from "../../engine/swarm/nodes.ts";
import { removeService } from "../../engine/swarm/services.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { EngineRefused, isRefusal } from "../../errors/engine.ts";
import { LABEL } from "../../identity/labels.ts";
import { type Journal, openRecord } from "../journal/journal.ts";
import { stopServiceTask } from "../swarm/run/stop-task.ts";
import { managerServices } from "../swarm/services/manager-services.ts";
import { kindOfService, readTasks } from "../swarm/tasks/list-services.ts";
import { stateOfTask } from "../swarm/tasks/task-facts.ts";
import { isFinalState } from "../swarm/tasks/task-states.ts";
import type { Owner } from "./owner.ts";
import { clockOf } from "./staleness.ts";
import { nodeOfHolder, type SwarmOverdue, selectSwarmOverdue } from "./swarm-overdue.ts";

interface FindContext {
  /** The engine of a manager, or another one: then there is nothing to find. */
  readonly manager: Transport;
  readonly owner: Pick<Owner, "isAlive">;
  /** Finds the engine of another node. */
  readonly findEngine: (node: SwarmNode) => Promise<{ readonly engine: Transport } | undefined>;
}

/** Finds overdue services with one request, and more if oneoff has created services. */
export async function findSwarmOverdue(
  { manager, owner, findEngine }: FindContext,
  explicit: boolean,
): Promise<SwarmOverdue[]> {
  const all = (await managerServices(manager, { label: [LABEL.kind] })) ?? [];
  const services = all.filter((one) => ["run", "holder"].includes(kindOfService(one) ?? ""));
  if (services.length === 0) return [];
  const { tasks, nodes } = await readTasks(manager, services);
  const holders = services.filter((one) => kindOfService(one) === "holder");
  const nodeIds = new Set(holders.flatMap((one) => nodeOfHolder(one) ?? []));
  const containers = new Map<string, ContainerSummary[]>();
  if (nodeIds.size > 0) {
    const own = (await swarmMembership(manager)).nodeId;
    for (const id of nodeIds) {
      const node = nodes.find(({ ID }) => ID === id);
      const engine = id === own ? manager : node && (await findEngine(node))?.engine;
      if (engine) containers.set(id, await listContainers(engine, { label: [LABEL.kind] }));
    }
  }
  const known = { services, tasks, containersOn: (id: string) => containers.get(id) };
  return selectSwarmOverdue(known, clockOf(manager, owner), explicit);
}

/** Stops or removes overdue services. @param onRefusal receives errors. @returns the ones that were handled. */
export async function reapSwarm(
  { manager, journal }: { readonly manager: Transport; readonly journal: Journal },
  overdue: readonly SwarmOverdue[],
  onRefusal: (overdue: SwarmOverdue, error: EngineRefused) => void,
): Promise<SwarmOverdue[]> {
  const handled: SwarmOverdue[] = [];
  for (const one of overdue) {
    try {
      if (await act(manager, journal, one)) handled.push(one);
    } catch (error) {
      if (!(error instanceof EngineRefused)) throw error;
      if (!isRefusal(error, 404)) onRefusal(one, error);
    }
  }
  return handled;
}

async function act(manager: Transport, journal: Journal, { service, task, action }: SwarmOverdue): Promise<boolean> {
  const { ID: id, Spec } = service;
  const record = openRecord(journal, {
    ...{ id, app: Spec.Labels?.[LABEL.app] ?? "", name: Spec.Labels?.[LABEL.name] ?? "" },
  });
  if (action === "stop") {
    record.stopping("SIGTERM");
    return await stopServiceTask(manager, id);
  }
  const isJournalled = journal.read().some(({ event, containerId }) => event === "exited" && containerId === id);
  // If no other process has journalled the exit, it would be lost with the service.
  if (task && isFinalState(task.Status.State) && !isJournalled) {
    record.exited(stateOfTask(task.Status).code, { time: task.Status.Timestamp });
  }
  await removeService(manager, id);
  return true;
}

/** Reaps overdue services while a one-off of a Swarm runs. Errors are ignored. */
export async function reapSwarmInPassing(
  manager: Transport,
  journal: Journal,
  owner: Pick<Owner, "isAlive">,
): Promise<void> {
  try {
    const overdue = await findSwarmOverdue({ manager, owner, findEngine: async () => undefined }, false);
    await reapSwarm({ manager, journal }, overdue, () => {});
  } catch {
    // The command itself must not fail.
  }
}
