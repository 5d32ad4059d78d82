import type { SwarmNode } from "../../../engine/swarm/node-types.ts";
import type { Service } from "../../../engine/swarm/service-types.ts";
import { listServices } from "../../../engine/swarm/services.ts";
import type { Task } from "../../../engine/swarm/task-types.ts";
import type { Transport } from "../../../engine/transport.ts";
import { ambiguousApp } from "../../../errors/apps.ts";
import { noSuchProcess } from "../../../errors/oneoff.ts";
import { LABEL } from "../../../identity/labels.ts";
import { oneoffName, serviceName } from "../../../identity/names.ts";
import { labelOf } from "../../../identity/ownership.ts";
import { unqualifiedName } from "../../apps/find.ts";
import { serviceAppNames, toServiceApp } from "../../swarm/services/service-app.ts";
import { kindOfService, readTasks, typeOfService } from "../../swarm/tasks/list-services.ts";
import { nodeName } from "../../swarm/tasks/task-facts.ts";
import { firstTask } from "../../swarm/tasks/task-states.ts";
import type { LogWords } from "../log-scope.ts";
import type { LoggedService, LoggedTask, ServiceLog, SwarmScope } from "./service-log-types.ts";

/** Whether the container of a task is on this engine. */
export const isLocalTask = ({ nodeId }: SwarmScope, { task, containerId }: LoggedTask): boolean =>
  containerId !== undefined && nodeId !== undefined && task.NodeID === nodeId;

const RUN = "run";

/** The services whose output can be shown: not the helpers of one-offs and deploys. */
export function toLoggedServices(services: readonly Service[]): LoggedService[] {
  return services.flatMap((service): LoggedService[] => {
    const { Name, Labels } = service.Spec;
    const label = (key: string) => labelOf(Labels ?? {}, key) ?? "";
    const kind = kindOfService(service);
    const type = typeOfService(service);
    if (kind === undefined) {
      return [{ service, app: Name, appNames: serviceAppNames(toServiceApp(service)), type, isOneoff: false }];
    }
    const own = { service, app: label(LABEL.app), appNames: [label(LABEL.app)] };
    if (kind === RUN) return [{ ...own, type: label(LABEL.name), isOneoff: true }];
    return kind === "process" ? [{ ...own, type, isOneoff: false }] : [];
  });
}

/**
 * Finds the log for a word: an app, `shop_web.2`, `my-app.web.1`, `run.7364` or a one-off's name.
 * @returns undefined if no service matches.
 * @throws OneoffError if several apps have the name, or the app has no such process.
 */
export function findServiceLog({ word, app }: LogWords, services: readonly Service[]): ServiceLog | undefined {
  const logged = toLoggedServices(services);
  const typed = app ?? word ?? "";
  const name = unqualifiedName(typed);
  const deployed = logged.filter(({ isOneoff }) => !isOneoff);
  const matches = deployed.filter(({ appNames }) => appNames.includes(name));
  const exact = matches.filter((one) => one.app === name);
  const [first, ...others] = exact.length > 0 ? exact : matches;
  const other = others.find((one) => one.app !== first?.app);
  if (first && other) throw ambiguousApp(typed, [first, other].map((one) => `swarm:${one.app}`).sort(), "logs");
  const part = app === undefined ? undefined : word;
  if (word !== undefined) {
    const oneoff = findOneoff(word, logged, app === undefined ? undefined : [name, ...(first?.appNames ?? [])]);
    if (oneoff) return oneoffLog(oneoff);
    // It may be in the journal, or beside a service on another node.
    if (part !== undefined && oneoffName(part) !== undefined) return undefined;
  }
  if (first) {
    const types = deployed.filter((one) => one.app === first.app).map(({ type }) => type);
    const isKnown = part === undefined || [RUN, ...types].some((type) => part === type || part.startsWith(`${type}.`));
    if (!isKnown) throw noSuchProcess(first.app, part, [...new Set([RUN, ...types])]);
    return appLog(first, part, name);
  }
  if (app !== undefined || word === undefined) return undefined;
  const [, owner = "", process = ""] = /^(.+)\.([^.]+\.\w+)$/.exec(word) ?? [];
  const ofProcess = deployed.find(
    (one) => word.startsWith(`${one.type}.`) || (one.appNames.includes(owner) && process.startsWith(`${one.type}.`)),
  );
  return ofProcess && appLog(ofProcess, word.startsWith(`${ofProcess.type}.`) ? word : process);
}

function appLog(one: LoggedService, part: string | undefined, typed = one.app): ServiceLog {
  const hasOneoffs = part === undefined || part === RUN;
  const { app, appNames } = one;
  return {
    ...{ app: typed, appNames, oneoff: undefined, hasOneoffs },
    selectsService: (other) =>
      other.isOneoff ? hasOneoffs && appNames.includes(other.app) : other.app === app && part !== RUN,
    selectsTask: (type, name) => [undefined, RUN, type, name].includes(part),
  };
}

function findOneoff(word: string, logged: readonly LoggedService[], apps: readonly string[] | undefined) {
  const name = oneoffName(word);
  return logged.find(
    ({ isOneoff, app, type, service }) =>
      isOneoff &&
      (apps === undefined || apps.includes(app)) &&
      (name === undefined ? [service.Spec.Name, service.ID].includes(serviceName(word)) : type === name),
  );
}

const oneoffLog = (oneoff: LoggedService): ServiceLog => ({
  ...{ app: oneoff.app, appNames: oneoff.appNames, oneoff, hasOneoffs: false },
  selectsService: ({ service }) => service.ID === oneoff.service.ID,
  selectsTask: () => true,
});

/** Lists the tasks of a log, newest first. @param services already listed. */
export async function listLoggedTasks(
  engine: Transport,
  log: ServiceLog,
  services?: readonly Service[],
): Promise<LoggedTask[]> {
  const selected = toLoggedServices(services ?? (await listServices(engine))).filter((one) => log.selectsService(one));
  const byId = new Map(selected.map((one) => [one.service.ID, one]));
  const { tasks, nodes } = await readTasks(
    engine,
    selected.map(({ service }) => service),
  );
  const ofOneoffs = Map.groupBy(
    tasks.filter(({ ServiceID }) => byId.get(ServiceID)?.isOneoff),
    ({ ServiceID }) => ServiceID,
  );
  return tasks
    .filter((task) => firstTask(ofOneoffs.get(task.ServiceID) ?? [task]) === task)
    .flatMap((task) => {
      const service = byId.get(task.ServiceID);
      return service ? [toLoggedTask(service, task, nodes)] : [];
    })
    .filter(({ service, name }) => log.selectsTask(service.type, name))
    .sort((a, b) => (a.task.CreatedAt < b.task.CreatedAt ? 1 : -1));
}

function toLoggedTask(service: LoggedService, task: Task, nodes: readonly SwarmNode[]): LoggedTask {
  const node = nodes.find(({ ID }) => ID === task.NodeID);
  const hostname = node ? nodeName(node) : (task.NodeID ?? "");
  return {
    ...{ service, task },
    name: service.isOneoff ? service.type : `${service.type}.${task.Slot || hostname}`,
    containerId: task.Status.ContainerStatus?.ContainerID || undefined,
    node: hostname,
    isNodeDown: node?.Status.State === "down",
  };
}
