import { setTimeout as pause } from "node:timers/promises";
import { uptime } from "../../../engine/clock.ts";
import type { SwarmNode } from "../../../engine/swarm/node-types.ts";
import { inspectNode } from "../../../engine/swarm/nodes.ts";
import type { Task } from "../../../engine/swarm/task-types.ts";
import { inspectTask, listTasks } from "../../../engine/swarm/tasks.ts";
import type { Transport } from "../../../engine/transport.ts";
import { isRefusal } from "../../../errors/engine.ts";
import { retryUntilManaged } from "../manager-retry.ts";
import { firstTask, judgeTask, type TaskEnd, type TaskStage } from "../tasks/task-states.ts";

/** A task and its node, as last seen. */
export interface TaskView {
  readonly task: Task;
  readonly node: SwarmNode | undefined;
  readonly stage: TaskStage;
}

/** How a task has ended; `removed` if its service was removed before that was seen. */
export type TaskResult =
  | (TaskView & { readonly stage: TaskEnd })
  | { readonly stage: { readonly stage: "removed" }; readonly task?: Task | undefined; readonly node?: SwarmNode };

export interface WatchOptions {
  /** Called for each answer, until the task has ended. @param view undefined until the task exists. */
  onView(view: TaskView | undefined): void;
  /** Called when the manager does not answer, before it is asked again. */
  onRetry(error: unknown): void;
  readonly signal?: AbortSignal;
}

/** How often a node is asked for: a manager needs more than 10 s to notice that it is down. */
const NODE_INTERVAL_S = 1;

/** Most commands last less. */
const SHORT_RUN_S = 3;

const FIRST_INTERVAL_MS = 20;
const INTERVAL_MS = 100;
/** A stopped task shows its exit code for 250 ms, if its service is removed. */
const END_INTERVAL_MS = 50;

/** Waits for the end of the task of a service of one. The manager has no events of tasks. */
export async function watchTask(
  engine: Transport,
  serviceId: string,
  { onView, onRetry, signal }: WatchOptions,
): Promise<TaskResult> {
  const started = uptime();
  let id: string | undefined;
  let node: SwarmNode | undefined;
  let nodeAsked = 0;
  let last: Task | undefined;
  for (;;) {
    const task = await retryUntilManaged(engine, () => readTask(engine, serviceId, id), onRetry).catch(whenGone);
    if (task === "gone") return { stage: { stage: "removed" }, task: last };
    if (task?.NodeID && uptime() > nodeAsked + NODE_INTERVAL_S) {
      nodeAsked = uptime();
      const { NodeID } = task;
      node = await retryUntilManaged(engine, () => inspectNode(engine, NodeID), onRetry).catch(whenRemoved(node));
    }
    id = task?.ID;
    last = task;
    const view = task && { task, node, stage: judgeTask(task, node) };
    if (view && isEnd(view)) return view;
    onView(view);
    await pause(intervalOf(task, uptime() - started), undefined, { signal });
  }
}

const readTask = async (engine: Transport, serviceId: string, id: string | undefined) =>
  id === undefined ? firstTask(await listTasks(engine, { service: [serviceId] })) : await inspectTask(engine, id);

function whenGone(error: unknown): "gone" {
  if (isRefusal(error, 404)) return "gone";
  throw error;
}

/** A node that was removed by force while it was down. */
const whenRemoved = (node: SwarmNode | undefined) => (error: unknown) => {
  if (!isRefusal(error, 404)) throw error;
  return node && { ...node, Status: { ...node.Status, State: "down" as const } };
};

const isEnd = (view: TaskView): view is TaskView & { readonly stage: TaskEnd } =>
  !["waiting", "starting", "running"].includes(view.stage.stage);

function intervalOf(task: Task | undefined, seconds: number): number {
  if (seconds < SHORT_RUN_S) return FIRST_INTERVAL_MS;
  return task && !["running", "ready"].includes(task.DesiredState) ? END_INTERVAL_MS : INTERVAL_MS;
}
