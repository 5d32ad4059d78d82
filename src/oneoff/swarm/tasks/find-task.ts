import type { SwarmNode } from "../../../engine/swarm/node-types.ts";
import type { Service } from "../../../engine/swarm/service-types.ts";
import type { Task } from "../../../engine/swarm/task-types.ts";
import type { Transport } from "../../../engine/transport.ts";
import { ambiguousApp } from "../../../errors/apps.ts";
import { ambiguousOneoff } from "../../../errors/oneoff.ts";
import { noRunningTask, noSuchTask } from "../../../errors/swarm-oneoffs.ts";
import { LABEL } from "../../../identity/labels.ts";
import { oneoffName, serviceName } from "../../../identity/names.ts";
import { unqualifiedName } from "../../apps/find.ts";
import { matchNodes } from "../placement/choose-node.ts";
import { managerServices } from "../services/manager-services.ts";
import { serviceAppNames, toServiceApp } from "../services/service-app.ts";
import { isOneoff, readTasks, typeOfService } from "./list-services.ts";
import { currentTasks, isFinal } from "./task-facts.ts";

/** Narrows the tasks of a service. */
export interface TaskChoice {
  /** The ID of the task, or its beginning. */
  readonly task?: string | undefined;
  /** The name or ID of the node. */
  readonly node?: string | undefined;
  /** Only one-offs of this app match. */
  readonly app?: string | undefined;
  readonly onlyOneoffs?: boolean;
  /** Whether a one-off that has exited matches. */
  readonly exited?: boolean;
}

/** A task with a container. */
export interface FoundTask {
  readonly service: Service;
  readonly task: Task;
  readonly node: SwarmNode;
  /** `shop_web.2`, or `run.7364` for a one-off. */
  readonly name: string;
}

/** Finds a one-off that is a service, or the holder of one on another node. @throws OneoffError if several match */
export async function findOneoffService(
  engine: Transport,
  word: string,
  app: string | undefined,
): Promise<Service | undefined> {
  const services = (await managerServices(engine, { label: [LABEL.kind] })) ?? [];
  return matchServices(word, services, { app, onlyOneoffs: true })[0]?.service;
}

/** A service that a word matches, and the slot or node of a task if the word ends in it. */
interface ServiceMatch {
  readonly service: Service;
  readonly slot?: string;
}

/**
 * Finds a running task of a service by its name, of the whole Swarm: `shop_web`, `shop_web.2`, `web.2`, `run.7364`.
 * @returns undefined on an engine that is not a manager, and if no service has the name.
 * @throws OneoffError if no task runs
 */
export async function findTask(engine: Transport, word: string, choice: TaskChoice): Promise<FoundTask | undefined> {
  const matches = matchServices(word, (await managerServices(engine)) ?? [], choice);
  const services = matches.map(({ service }) => service);
  if (services.length === 0) return undefined;
  const swarm = await readTasks(engine, services);
  const nodes = choice.node === undefined ? swarm.nodes : matchNodes(choice.node, swarm.nodes);
  const slots = new Map(matches.map(({ service, slot }) => [service.ID, slot]));
  const chosen = swarm.tasks.filter((task) => {
    const slot = slots.get(task.ServiceID);
    const node = nodes.find(({ ID }) => ID === task.NodeID);
    return (
      services.some(({ ID }) => ID === task.ServiceID) &&
      (choice.node === undefined || node !== undefined) &&
      task.ID.startsWith(choice.task ?? "") &&
      (slot === undefined || slot === String(task.Slot) || slot === node?.Description.Hostname)
    );
  });
  const usable = chosen.filter((task) =>
    choice.exited && services.some((one) => one.ID === task.ServiceID && isOneoff(one))
      ? task.Status.ContainerStatus?.ContainerID
      : task.Status.State === "running" && isReady(task, nodes),
  );
  const [task] = usable.toSorted((a, b) => (a.Slot ?? 0) - (b.Slot ?? 0) || (a.CreatedAt < b.CreatedAt ? 1 : -1));
  const service = services.find(({ ID }) => ID === task?.ServiceID);
  const node = nodes.find(({ ID }) => ID === task?.NodeID);
  if (task && service && node) return { service, task, node, name: nameOf(service, task, node) };
  if (chosen.length === 0) {
    const rows = swarm.tasks.filter((one) => !isFinal(one));
    throw noSuchTask(
      word,
      rows.map(({ ID, NodeID }) => `${ID} on ${hostname(NodeID, swarm.nodes)}`),
    );
  }
  throw noRunningTask(
    word,
    currentTasks(chosen, swarm.nodes).map(
      ({ state, facts }) => `${facts.phase ?? state}${facts.error ? `: ${facts.error}` : ""}`,
    ),
  );
}

const hostname = (id: string | undefined, nodes: readonly SwarmNode[]) =>
  nodes.find(({ ID }) => ID === id)?.Description.Hostname ?? id ?? "no node";

const isReady = ({ NodeID }: Task, nodes: readonly SwarmNode[]) =>
  nodes.some(({ ID, Status }) => ID === NodeID && Status.State !== "down");

const nameOf = (service: Service, { Slot }: Task, { Description }: SwarmNode) =>
  isOneoff(service)
    ? (service.Spec.Labels?.[LABEL.name] ?? "")
    : `${typeOfService(service)}.${Slot ?? Description.Hostname}`;

/**
 * The services that a word matches: of several process types of an app, web takes precedence.
 * @throws OneoffError if several apps or one-offs have the name
 */
export function matchServices(
  word: string,
  services: readonly Service[],
  { app, onlyOneoffs = app !== undefined }: TaskChoice,
): ServiceMatch[] {
  const oneoffs = services.filter(
    (one) => isOneoff(one) && (app === undefined || one.Spec.Labels?.[LABEL.app] === app) && isNamed(one, word),
  );
  if (oneoffs.length > 1) throw ambiguousOneoff(word, oneoffs.map(({ Spec }) => Spec.Name).sort());
  if (oneoffs.length === 1 || onlyOneoffs || oneoffName(word) !== undefined)
    return oneoffs.map((service) => ({ service }));
  const apps = services.filter((one) => !isOneoff(one));
  const named = apps.filter((one) => wordsOf(one).includes(unqualifiedName(word)));
  const [, name = "", slot = ""] = /^(.+)\.([^.]+)$/.exec(unqualifiedName(word)) ?? [];
  const numbered = apps.filter((one) => [...wordsOf(one), typeOfService(one)].includes(name));
  const matches =
    named.length > 0 ? named.map((service) => ({ service })) : numbered.map((service) => ({ service, slot }));
  const web = matches.filter(({ service }) => typeOfService(service) === "web");
  const [one, ...others] = matches.length > 1 && web.length > 0 && isOneApp(matches) ? web : matches;
  if (one && others.length > 0) {
    throw ambiguousApp(word, [one, ...others].map(({ service }) => `swarm:${service.Spec.Name}`).sort(), "exec");
  }
  return one ? [one] : [];
}

const isOneApp = (matches: readonly ServiceMatch[]) =>
  new Set(matches.map(({ service }) => service.Spec.Labels?.[LABEL.app])).size === 1;

/** By `run.7364`, `7364`, the ID or name of the service, or the name that a container would have. */
const isNamed = ({ ID, Spec: { Name, Labels } }: Service, word: string) =>
  ID === word || Labels?.[LABEL.name] === (oneoffName(word) ?? word) || Name === serviceName(word);

/** The names of a service's app, also with the process type. */
function wordsOf(service: Service): string[] {
  const names = serviceAppNames(toServiceApp(service));
  return [...names, ...names.map((name) => `${name}.${typeOfService(service)}`)];
}
