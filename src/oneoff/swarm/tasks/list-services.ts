import { maskCommand } from "../../../app/secrets/mask.ts";
import type { SwarmNode } from "../../../engine/swarm/node-types.ts";
import { listNodes } from "../../../engine/swarm/nodes.ts";
import type { Service } from "../../../engine/swarm/service-types.ts";
import type { Task } from "../../../engine/swarm/task-types.ts";
import { listTasks } from "../../../engine/swarm/tasks.ts";
import type { Transport } from "../../../engine/transport.ts";
import { isRefusal } from "../../../errors/engine.ts";
import { LABEL } from "../../../identity/labels.ts";
import { labelOf } from "../../../identity/ownership.ts";
import type { ListedOneoff, ListedProcess, ListQuery } from "../../lookup/listed.ts";
import { managerServices } from "../services/manager-services.ts";
import { isOwnService, type ServiceApp } from "../services/service-app.ts";
import { allTasks, currentTasks, type TaskRow } from "./task-facts.ts";
import { firstTask, isFinalState } from "./task-states.ts";

/**
 * Lists the tasks of an app's services on all nodes, and one-offs that are services.
 * @returns undefined on an engine that is not a manager.
 */
export async function listServiceTasks(
  engine: Transport,
  { app, states }: ListQuery,
  { services, withOneoffs }: { readonly services: readonly ServiceApp[]; readonly withOneoffs: boolean },
): Promise<{ readonly oneoffs: ListedOneoff[]; readonly processes: ListedProcess[] } | undefined> {
  const own = withOneoffs ? await managerServices(engine, { label: [LABEL.kind] }) : [];
  if (!own) return undefined;
  const oneoffs = own.filter((one) => isOneoff(one) && (app === undefined || one.Spec.Labels?.[LABEL.app] === app));
  const deployed = services.map(({ service }) => service);
  const swarm = await readTasks(engine, [...oneoffs, ...deployed]);
  const all = !states.every((state) => state === "starting" || state === "up");
  return {
    oneoffs: toListedOneoffs({ ...swarm, services: oneoffs }),
    processes: toListedProcesses({ ...swarm, services: deployed }, all),
  };
}

/** Services with their tasks, and the nodes of the Swarm. */
export interface SwarmTasks {
  readonly services: readonly Service[];
  readonly tasks: readonly Task[];
  readonly nodes: readonly SwarmNode[];
}

/** Reads the tasks of services. Without services, nothing is requested. */
export async function readTasks(engine: Transport, services: readonly Service[]): Promise<SwarmTasks> {
  if (services.length === 0) return { services, tasks: [], nodes: [] };
  const service = services.map(({ ID }) => ID);
  const [tasks, nodes] = await Promise.all([
    listTasks(engine, { service }).catch((error: unknown) => {
      // One of the services was removed meanwhile.
      if (isRefusal(error, 404)) return listTasks(engine, {});
      throw error;
    }),
    listNodes(engine),
  ]);
  return { services, tasks, nodes };
}

const tasksOf = ({ tasks }: SwarmTasks, { ID }: Service) => tasks.filter(({ ServiceID }) => ServiceID === ID);

/** The purpose of a service that oneoff created. */
export const kindOfService = (service: Service) =>
  isOwnService(service) ? labelOf(service.Spec.Labels ?? {}, LABEL.kind) : undefined;

/** Whether a service is a one-off, or the holder of one. */
export const isOneoff = (service: Service) => ["run", "holder"].includes(kindOfService(service) ?? "");

/** The type of the processes of a service. Services that oneoff did not deploy have none, so their name is used. */
export const typeOfService = (service: Service) =>
  (isOwnService(service) && labelOf(service.Spec.Labels ?? {}, LABEL.processType)) || service.Spec.Name;

/** @param all whether tasks that have ended, and were replaced, are listed. */
export function toListedProcesses(swarm: SwarmTasks, all: boolean): ListedProcess[] {
  return swarm.services.flatMap((service) => {
    const type = typeOfService(service);
    const rows = (all ? allTasks : currentTasks)(tasksOf(swarm, service), swarm.nodes);
    return rows.map((row) => {
      const name = `${type}.${row.facts.slot ?? row.facts.node}`;
      return { ...common(row), type, name, containerName: containerNameOf(service, row), command: commandOf(service) };
    });
  });
}

/** One-offs that are services, and those beside a holder, which exists as long as they run. */
export function toListedOneoffs(swarm: SwarmTasks): ListedOneoff[] {
  return swarm.services.flatMap((service): ListedOneoff[] => {
    const labels = service.Spec.Labels ?? {};
    const task = firstTask(tasksOf(swarm, service));
    const isHolder = kindOfService(service) === "holder";
    if (isHolder && (!task || isFinalState(task.Status.State))) return [];
    const [found] = task ? allTasks([task], swarm.nodes) : [];
    // The container of the task is the holder's.
    const row = found && isHolder ? { ...found, facts: { ...found.facts, containerId: undefined } } : found;
    const created = Date.parse(service.CreatedAt) / 1000;
    return [
      {
        ...(row ? common(row) : { state: "starting", code: undefined }),
        ...{ id: service.ID, created },
        name: labels[LABEL.name] ?? "",
        app: labels[LABEL.app] ?? "",
        command: labels[LABEL.command] ?? "",
        processType: labelOf(labels, LABEL.processType),
        containerName: row && !isHolder ? containerNameOf(service, row) : undefined,
        timeout: seconds(labels[LABEL.timeout]),
        retain: seconds(labels[LABEL.retain]),
        ended: row?.ended,
      },
    ];
  });
}

/** A number of seconds in a label. */
export const seconds = (text: string | undefined) => (text && /^\d+$/.test(text) ? Number(text) : undefined);

const common = ({ state, code, created, facts }: TaskRow) => ({
  ...{ id: facts.containerId ?? "", state, code, created, task: facts },
});

/** The engine of the node names the container `shop_web.2.<task>`, or `agent.<node>.<task>` for a global service. */
const containerNameOf = ({ Spec }: Service, { nodeId, facts }: TaskRow) =>
  `${Spec.Name}.${facts.slot ?? nodeId}.${facts.task}`;

function commandOf({ Spec }: Service): string {
  const { Command, Args, Image = "" } = Spec.TaskTemplate.ContainerSpec ?? {};
  const words = [...(Command ?? []), ...(Args ?? [])];
  return words.length > 0 ? maskCommand(words) : Image.replace(/@sha256:\w+$/, "");
}
