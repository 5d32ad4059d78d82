import { swarmMembership } from "../../../engine/swarm/nodes.ts";
import type { Transport } from "../../../engine/transport.ts";
import { warning } from "../../../errors/error.ts";
import { onlyOwnTasks } from "../../../errors/swarm-oneoffs.ts";
import type { Report } from "../../../output/events.ts";
import type { Oneoff } from "../../lookup/oneoff.ts";
import { managerServices } from "../../swarm/services/manager-services.ts";
import type { LogScope, LogWords } from "../log-scope.ts";
import { findServiceLog, listLoggedTasks } from "./service-log.ts";

interface Known {
  readonly oneoffs: readonly Oneoff[];
  /** Found among the containers of this engine. */
  readonly scope: LogScope | undefined;
}

/**
 * Finds the log of a service or of a one-off that is a service task, with the tasks of all nodes.
 * @returns undefined if no service matches, or on an engine that is not a manager.
 */
export async function findSwarmScope(
  { engine, report }: { readonly engine: Transport; readonly report: Report },
  words: LogWords,
  { oneoffs, scope }: Known,
): Promise<LogScope | undefined> {
  const services = await managerServices(engine);
  if (!services) {
    const isOfTasks = scope?.processes.some(({ from }) => from === "swarm");
    if (isOfTasks) report(warning(onlyOwnTasks((await swarmMembership(engine)).managers.map(({ Addr }) => Addr))));
    return undefined;
  }
  const log = findServiceLog(words, services);
  if (!log) return undefined;
  const [tasks, { nodeId }] = await Promise.all([listLoggedTasks(engine, log, services), swarmMembership(engine)]);
  const { app, oneoff, hasOneoffs, appNames } = log;
  return {
    app,
    oneoff: oneoff && { id: oneoff.service.ID, app, name: oneoff.type, containerName: oneoff.service.Spec.Name },
    oneoffs: hasOneoffs ? oneoffs.filter((one) => appNames.includes(one.app)) : [],
    ...{ processes: [], filter: undefined, hasOneoffs },
    swarm: { log, tasks, nodeId },
  };
}
