import type { Service } from "../../engine/swarm/service-types.ts";
import type { Task } from "../../engine/swarm/task-types.ts";
import { releaseOfService } from "../../release/swarm-releases.ts";

/** What a change of a service leads to. */
export interface Expected {
  /** The release of the new spec; undefined for the spec of another client. */
  readonly release: number | undefined;
  readonly quantity: number;
  /** Whether Swarm replaces tasks and reports the outcome: not for a new service, labels and quantities. */
  readonly isUpdate: boolean;
  /** IDs of the tasks before the change. */
  readonly oldTasks: ReadonlySet<string>;
  /** For how long the tasks must stay up, if Swarm does not watch that. */
  readonly monitorS: number;
}

export type Verdict =
  | { readonly state: "waiting" }
  | { readonly state: "done" }
  /** @param task the ID of the task that failed. */
  | { readonly state: "failed"; readonly task: string | undefined }
  /** Another client has changed the service. */
  | { readonly state: "replaced" };

const WAITING: Verdict = { state: "waiting" };

/** @param now seconds since 1970, by the clock of the manager. */
export function judge(service: Service, tasks: readonly Task[], expected: Expected, now: number): Verdict {
  const { State: state, Message: message = "", CompletedAt: completedAt } = service.UpdateStatus ?? {};
  const { release, quantity, isUpdate, oldTasks, monitorS } = expected;
  const newTasks = tasks.filter(({ ID }) => !oldTasks.has(ID));
  const failedTask = /\btask (\w+)/.exec(message)?.[1] ?? newestFailure(newTasks)?.ID;
  if (state === "rollback_completed" || state === "rollback_paused" || state === "paused") {
    return { state: "failed", task: failedTask };
  }
  if (state === "rollback_started") return WAITING;
  if (releaseOfService(service) !== release) return { state: "replaced" };
  if (isUpdate && state !== "completed") return WAITING;
  const up = tasks.filter(isUp);
  const isSettled = ({ ID, Status }: Task) =>
    isUpdate || oldTasks.has(ID) || now - Date.parse(Status.Timestamp) / 1000 >= monitorS;
  if (up.length === quantity && up.every(isSettled)) return { state: "done" };
  // Swarm has replaced tasks that failed during an update, and judged that itself.
  const failure = newestFailure(isUpdate ? newTasks.filter((one) => one.CreatedAt > (completedAt ?? "")) : newTasks);
  return failure ? { state: "failed", task: failure.ID } : WAITING;
}

/** Swarm reports a task as running when it is healthy. */
export const isUp = ({ DesiredState, Status }: Task) => DesiredState === "running" && Status.State === "running";

const END_STATES: ReadonlySet<string> = new Set(["complete", "failed", "rejected", "orphaned"]);

const newestFailure = (tasks: readonly Task[]): Task | undefined =>
  tasks.filter(({ Status }) => END_STATES.has(Status.State)).sort((a, b) => (a.CreatedAt < b.CreatedAt ? 1 : -1))[0];

/** Why a task that should run cannot be placed on a node. */
export const placementProblem = (tasks: readonly Task[]): string | undefined =>
  tasks.find(({ DesiredState, Status }) => DesiredState === "running" && Status.State === "pending" && Status.Err)
    ?.Status.Err;
