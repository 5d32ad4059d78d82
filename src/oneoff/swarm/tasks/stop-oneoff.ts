import type { SwarmNode } from "../../../engine/swarm/node-types.ts";
import type { Service } from "../../../engine/swarm/service-types.ts";
import { removeService } from "../../../engine/swarm/services.ts";
import type { Transport } from "../../../engine/transport.ts";
import { warning } from "../../../errors/error.ts";
import { swarmReplaces } from "../../../errors/oneoff.ts";
import { graceNotUsed } from "../../../errors/swarm-oneoffs.ts";
import { taskLost } from "../../../errors/swarm-task.ts";
import { LABEL } from "../../../identity/labels.ts";
import type { Report } from "../../../output/events.ts";
import { type Journal, openRecord } from "../../journal/journal.ts";
import { isLive } from "../../lookup/oneoff.ts";
import { stopOneoff } from "../../session/stop.ts";
import { stopServiceTask } from "../run/stop-task.ts";
import { nodeName } from "../run/task-end.ts";
import { watchTask } from "../run/watch-task.ts";
import type { FoundTask } from "./find-task.ts";
import { kindOfService, type SwarmTasks } from "./list-services.ts";
import { type FindEngine, reachTask, tryReachTask } from "./reach-task.ts";
import { firstTask, isFinalState, judgeTask } from "./task-states.ts";

export interface SwarmStop {
  readonly engine: Transport;
  readonly report: Report;
  readonly journal: Journal;
  readonly findEngine: FindEngine;
  /** `--grace`, in seconds. */
  readonly grace: number | undefined;
}

/** Stops a task of a service, which Swarm then replaces. @throws OneoffError if the engine of its node is not known */
export async function stopTask(context: SwarmStop, found: FoundTask): Promise<void> {
  const { engine, report, grace } = context;
  const { name } = found;
  const reached = await reachTask(engine, found, "stop", context.findEngine);
  const app = found.service.Spec.Name;
  const isStopped = await stopOneoff(reached.engine, { id: reached.container.id, state: "up" }, grace);
  if (isStopped) report(warning(swarmReplaces(name, app)));
  report({ type: isStopped ? "stopped" : "already-exited", name, app });
}

/**
 * Stops a one-off that is a service, or has a holder: through the engine of its node, which sends the signal at once; else
 * through Swarm. Returns when it has ended.
 * @throws OneoffError if its node does not respond
 */
export async function stopSwarmOneoff(context: SwarmStop, service: Service, swarm: SwarmTasks): Promise<void> {
  const { report, journal } = context;
  const { [LABEL.name]: name = "", [LABEL.app]: app = "" } = service.Spec.Labels ?? {};
  const task = taskOf(service, swarm);
  const node = swarm.nodes.find(({ ID }) => ID === task?.NodeID);
  if (!hasEnded(service, swarm)) openRecord(journal, { app, name, id: service.ID }).stopping("SIGTERM");
  const isStopped =
    kindOfService(service) === "holder"
      ? task !== undefined && node !== undefined && (await stopSibling(context, { service, task, node, name }))
      : await stopOwnTask(context, { service, task, node, name });
  report({ type: isStopped ? "stopped" : "already-exited", name, app });
}

const taskOf = ({ ID }: Service, { tasks }: SwarmTasks) => firstTask(tasks.filter(({ ServiceID }) => ServiceID === ID));

/** Whether the task of a one-off has ended. */
export function hasEnded(service: Service, swarm: SwarmTasks): boolean {
  const task = taskOf(service, swarm);
  return task !== undefined && isFinalState(task.Status.State);
}

async function stopSibling({ engine, grace, findEngine }: SwarmStop, found: FoundTask): Promise<boolean> {
  const { engine: there, container } = await reachTask(engine, found, "stop", findEngine);
  return isLive(container) && (await stopOneoff(there, { id: container.id, state: "up" }, grace));
}

interface MaybePlaced extends Pick<FoundTask, "service" | "name"> {
  readonly task: FoundTask["task"] | undefined;
  readonly node: SwarmNode | undefined;
}

/** @returns false if it has ended already. */
async function stopOwnTask(context: SwarmStop, { service, task, node, name }: MaybePlaced): Promise<boolean> {
  const { engine, report, grace } = context;
  const { stage } = task ? judgeTask(task, node) : { stage: "waiting" };
  if (stage === "lost") throw taskLost(name, nodeName({ task, node }));
  if (stage === "waiting") {
    // Without a node, there is neither a log nor an exit code to keep.
    await removeService(engine, service.ID);
    return true;
  }
  if (!task || !["starting", "running"].includes(stage)) return false;
  const hasContainer = node && task.Status.ContainerStatus?.ContainerID;
  const reached = hasContainer
    ? await tryReachTask(engine, { service, task, node, name }, context.findEngine)
    : undefined;
  if (reached) await stopOneoff(reached.engine, { id: reached.container.id, state: "up" }, grace);
  else {
    if (grace !== undefined) report(warning(graceNotUsed(name, nodeName({ task, node }))));
    await stopServiceTask(engine, service.ID);
  }
  const result = await watchTask(engine, service.ID, { onView() {}, onRetry() {} });
  if (result.stage.stage === "lost") throw taskLost(name, nodeName(result));
  return true;
}
