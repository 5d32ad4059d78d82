import type { SwarmNode } from "../../../engine/swarm/node-types.ts";
import type { Task, TaskState } from "../../../engine/swarm/task-types.ts";

/** How far the task of a one-off is, judged by its state and the state of its node. */
export type TaskStage =
  /** No node has it. @param reason why not, by the scheduler: `no suitable node (…)` */
  | { readonly stage: "waiting"; readonly reason: string | undefined }
  /** A node prepares it, e.g. pulls the image. */
  | { readonly stage: "starting" }
  | { readonly stage: "running" }
  | TaskEnd;

export type TaskEnd =
  /** The command has exited. */
  | { readonly stage: "exited"; readonly code: number }
  /** Swarm has stopped the command, or never started it. @param code undefined if the command did not run. */
  | { readonly stage: "stopped"; readonly code: number | undefined }
  /** The command was not started. @param code of the engine: 126, 127 or 128; undefined before the create. */
  | { readonly stage: "not-started"; readonly reason: string; readonly code: number | undefined }
  /** The command ran, and how it ended is unknown. */
  | { readonly stage: "unknown"; readonly reason: string }
  /** The node does not respond: the command may still run there. */
  | { readonly stage: "lost" };

const STAGES: Readonly<Partial<Record<TaskState, TaskStage["stage"]>>> = {
  ...{ new: "waiting", allocated: "waiting", pending: "waiting" },
  ...{ assigned: "starting", accepted: "starting", preparing: "starting", ready: "starting", starting: "starting" },
  running: "running",
};

/** Whether a state does not change any more. */
export const isFinalState = (state: TaskState): boolean => STAGES[state] === undefined;

/** The only task of a service of one that ever runs: `stopServiceTask` adds a second task that cannot be placed. */
export const firstTask = <T extends Pick<Task, "CreatedAt">>(tasks: readonly T[]): T | undefined =>
  tasks.toSorted((a, b) => Date.parse(a.CreatedAt) - Date.parse(b.CreatedAt))[0];

/**
 * Judges a task. The exit code means something only with its state: it is 0 until the exit, -1 during a removal, and 0
 * for a container that was lost in a restart of its engine.
 * @param node of the task, undefined if it is not known: the state of a task does not change while its node is down.
 */
export function judgeTask({ Status }: Pick<Task, "Status">, node: Pick<SwarmNode, "Status"> | undefined): TaskStage {
  const { State, Err: reason = "", ContainerStatus } = Status;
  const stage = STAGES[State];
  if (stage === "waiting") return { stage, reason: reason || undefined };
  if (stage === "starting" || stage === "running") return node?.Status.State === "down" ? { stage: "lost" } : { stage };
  const { ContainerID: id = "", ExitCode: code = -1 } = ContainerStatus ?? {};
  if (State === "complete") return { stage: "exited", code: 0 };
  if (State === "rejected") return { stage: "not-started", reason: reason || "it was rejected", code: undefined };
  if (State === "shutdown") return toStopped(id, code, reason);
  if (State !== "failed") return { stage: "unknown", reason: reason || `its task is ${State}` };
  const refusal = /^starting container failed: (.*)$/s.exec(reason)?.[1];
  if (refusal !== undefined) return { stage: "not-started", reason: refusal, code: code > 0 ? code : undefined };
  if (id === "") return { stage: "not-started", reason: reason || "it has no container", code: undefined };
  if (code <= 0) return { stage: "unknown", reason: reason || "the node did not report it" };
  return { stage: "exited", code };
}

function toStopped(id: string, code: number, reason: string): TaskEnd {
  if (id === "") return { stage: "stopped", code: undefined };
  return code < 0 ? { stage: "unknown", reason: reason || "it was stopped" } : { stage: "stopped", code };
}
