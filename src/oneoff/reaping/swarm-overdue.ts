import type { Service } from "../../engine/swarm/service-types.ts";
import type { Task } from "../../engine/swarm/task-types.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { LABEL } from "../../identity/labels.ts";
import { isOwn, labelOf } from "../../identity/ownership.ts";
import { isLive, toOneoff } from "../lookup/oneoff.ts";
import { kindOfService } from "../swarm/tasks/list-services.ts";
import { firstTask, isFinalState } from "../swarm/tasks/task-states.ts";
import type { Overdue } from "./overdue.ts";
import { type Clock, SILENT_OWNER_TIMEOUT_S } from "./staleness.ts";

/** A service of oneoff that has outlived its purpose, and the action. */
export interface SwarmOverdue {
  readonly service: Service;
  /** Undefined for a service without a task. */
  readonly task?: Task | undefined;
  readonly action: "stop" | "remove";
  readonly reason: Extract<Overdue["reason"], "deadline" | "orphaned" | "expired" | "never-started">;
}

/** Services of oneoff, with what decides whether they are needed. */
export interface OwnServices {
  readonly services: readonly Service[];
  readonly tasks: readonly Task[];
  /** One-offs on a node; undefined for a node whose engine was not asked. */
  containersOn(nodeId: string): readonly ContainerSummary[] | undefined;
}

/**
 * Finds overdue services: one-offs that are service tasks, and the services beside one-offs. A task on a node that is down
 * stays, because it may still run.
 * @param explicit whether the user requested it: only then are orphaned one-offs that still run stopped.
 */
export function selectSwarmOverdue(known: OwnServices, clock: Clock, explicit: boolean): SwarmOverdue[] {
  return known.services.flatMap((service): SwarmOverdue[] => {
    const kind = kindOfService(service);
    if (kind === "holder") return judgeHolder(service, known, clock);
    if (kind !== "run") return [];
    const task = firstTask(known.tasks.filter(({ ServiceID }) => ServiceID === service.ID));
    const verdict = judgeTask(service, task, clock, explicit);
    return verdict ? [{ service, task, ...verdict }] : [];
  });
}

type Verdict = Pick<SwarmOverdue, "action" | "reason">;

function judgeTask(service: Service, task: Task | undefined, clock: Clock, explicit: boolean): Verdict | undefined {
  const labels = service.Spec.Labels ?? {};
  const retain = secondsOf(labels[LABEL.retain]);
  const alive = isServiceOwnerAlive(service, clock);
  const isAttached = retain === undefined;
  const State = task?.Status.State ?? "new";
  const since = seconds(task?.Status.Timestamp ?? service.CreatedAt);
  if (task && isFinalState(State)) {
    if (!isAttached) return since + retain <= clock.now ? { action: "remove", reason: "expired" } : undefined;
    return isGone(alive, since, clock) ? { action: "remove", reason: "orphaned" } : undefined;
  }
  if (State !== "running") {
    // The client that has created it waits for its start.
    return isGone(alive, seconds(service.CreatedAt), clock) ? { action: "remove", reason: "never-started" } : undefined;
  }
  const timeout = secondsOf(labels[LABEL.timeout]) ?? Number.POSITIVE_INFINITY;
  // Its owner enforces the timeout and reports it.
  if (since + timeout <= clock.now) return isAttached && alive ? undefined : { action: "stop", reason: "deadline" };
  const isOrphan = isAttached && alive === false && labels[LABEL.onDisconnect] !== "keep";
  return explicit && isOrphan ? { action: "stop", reason: "orphaned" } : undefined;
}

/** A service beside a one-off is needed while the one-off exists, and while its owner may still create it. */
function judgeHolder(service: Service, { containersOn }: OwnServices, clock: Clock): SwarmOverdue[] {
  const nodeId = nodeOfHolder(service);
  const containers = nodeId === undefined ? undefined : containersOn(nodeId);
  // The one-off may run on the node.
  if (!containers || !isGone(isServiceOwnerAlive(service, clock), seconds(service.CreatedAt), clock)) return [];
  const labels = service.Spec.Labels ?? {};
  const isNeeded = containers.some(
    (one) =>
      isOwn(one) &&
      one.Labels[LABEL.app] === labels[LABEL.app] &&
      one.Labels[LABEL.name] === labels[LABEL.name] &&
      isLive(toOneoff(one)),
  );
  return isNeeded ? [] : [{ service, action: "remove", reason: "orphaned" }];
}

/** The node on which a one-off runs beside this service. */
export function nodeOfHolder({ Spec }: Service): string | undefined {
  const constraints = Spec.TaskTemplate.Placement?.Constraints ?? [];
  return constraints.flatMap((one) => /^node\.id==(\S+)$/.exec(one)?.[1] ?? []).at(-1);
}

export function isServiceOwnerAlive({ Spec }: Service, { isAlive }: Pick<Clock, "isAlive">): boolean | undefined {
  const owner = labelOf(Spec.Labels ?? {}, LABEL.owner);
  return owner === undefined ? undefined : isAlive(owner);
}

/** Whether an owner has exited: on another machine, one that has done nothing for an hour. */
const isGone = (alive: boolean | undefined, since: number, { now }: Clock) =>
  alive === undefined ? now - since > SILENT_OWNER_TIMEOUT_S : !alive;

const seconds = (time: string) => Date.parse(time) / 1000;

const secondsOf = (text: string | undefined) => (text && /^\d+$/.test(text) ? Number(text) : undefined);
