import type { SwarmNode } from "../../../engine/swarm/node-types.ts";
import type { Task } from "../../../engine/swarm/task-types.ts";
import { type Oneoff, stateOf } from "../../lookup/oneoff.ts";
import { isFinalState } from "./task-states.ts";

/** What `ps` shows of a task besides the state of a process. */
export interface TaskFacts {
  /** The ID of the task. */
  readonly task: string;
  /** The ID of the container; undefined until it exists. */
  readonly containerId: string | undefined;
  /** From 1; undefined for a global service. */
  readonly slot: number | undefined;
  /** The name of the node; undefined until the task is assigned. */
  readonly node: string | undefined;
  /** The state in words of Swarm, `stopping` for a task that has to end, or undefined if the state has the same meaning. */
  readonly phase: string | undefined;
  /** Why the task is pending, has failed or is lost. */
  readonly error: string | undefined;
  /** Failures of earlier tasks of the slot, the last one first. */
  readonly failures: readonly TaskFailure[];
}

export interface TaskFailure {
  readonly node: string | undefined;
  readonly error: string;
  /** Seconds since 1970. */
  readonly time: number;
}

/** A task with the fields of a process. */
export interface TaskRow extends Pick<Oneoff, "code" | "created"> {
  readonly state: Oneoff["state"] | "unknown";
  /** Undefined until the task is assigned. */
  readonly nodeId: string | undefined;
  /** Seconds since 1970, of the end of the task. */
  readonly ended: number | undefined;
  readonly facts: TaskFacts;
}

export const isFinal = ({ Status }: Task) => isFinalState(Status.State);

/** The name of a node: its host name, by which docker lists it. */
export const nodeName = ({ Description }: SwarmNode) => Description.Hostname;

const seconds = (time: string) => Date.parse(time) / 1000;

/** The tasks of a service that matter: the live ones of each slot, or else its last one, each with earlier failures. */
export function currentTasks(tasks: readonly Task[], nodes: readonly SwarmNode[]): TaskRow[] {
  const slots = Map.groupBy(newestFirst(tasks), ({ Slot, NodeID }) => Slot ?? NodeID);
  return Array.from(slots.values(), (slot) => {
    const live = slot.filter((task) => !isFinal(task));
    const current = live.length > 0 ? live : slot.slice(0, 1);
    const failures = slot
      .filter((task) => !current.includes(task) && ["failed", "rejected"].includes(task.Status.State))
      .map((task): TaskFailure => {
        const { node, error = task.Status.State } = toRow(task, nodes).facts;
        return { node, error, time: seconds(task.Status.Timestamp) };
      });
    return current.map((task, index) => toRow(task, nodes, index === 0 ? failures : []));
  }).flat();
}

/** All tasks that the Swarm remembers, without a summary of failures. */
export const allTasks = (tasks: readonly Task[], nodes: readonly SwarmNode[]): TaskRow[] =>
  newestFirst(tasks).map((task) => toRow(task, nodes));

const newestFirst = (tasks: readonly Task[]) =>
  tasks.toSorted((a, b) => Date.parse(b.CreatedAt) - Date.parse(a.CreatedAt));

function toRow(task: Task, nodes: readonly SwarmNode[], failures: readonly TaskFailure[] = []): TaskRow {
  const { Status, NodeID } = task;
  const node = nodes.find(({ ID }) => ID === NodeID);
  const name = node ? nodeName(node) : NodeID || undefined;
  // The state of a task on a node that is down is the last one that a manager has received.
  const isLost = !isFinal(task) && node?.Status.State === "down";
  const lost = isLost ? `${name} is down${node.Status.Message ? `: ${node.Status.Message}` : ""}` : undefined;
  const { state, code } = isLost ? ({ state: "unknown", code: undefined } as const) : stateOfTask(Status);
  return {
    state,
    code,
    created: seconds(task.CreatedAt),
    ended: isFinal(task) ? seconds(Status.Timestamp) : undefined,
    nodeId: NodeID || undefined,
    facts: {
      task: task.ID,
      containerId: Status.ContainerStatus?.ContainerID || undefined,
      slot: task.Slot || undefined,
      node: name,
      phase: phaseOf(task, state),
      error: lost ?? (Status.Err || undefined),
      failures,
    },
  };
}

function phaseOf(task: Task, state: TaskRow["state"]): string | undefined {
  if (!isFinal(task) && ["shutdown", "remove"].includes(task.DesiredState)) return "stopping";
  const { State } = task.Status;
  return state === "starting" && State !== "starting" ? State : undefined;
}

/** An exit code means nothing without the state: it is 0 for a task that was lost with its engine, and -1 in between. */
export function stateOfTask({ State, ContainerStatus }: Task["Status"]): Pick<TaskRow, "state" | "code"> {
  const exit = ContainerStatus?.ExitCode ?? 0;
  const code = exit > 0 ? exit : undefined;
  switch (State) {
    case "running":
      return { state: "up", code: undefined };
    case "complete":
      return { state: "complete", code: 0 };
    case "failed":
      return { state: code === undefined ? "crashed" : stateOf(code), code };
    case "rejected":
      return { state: "crashed", code: undefined };
    case "shutdown":
      return { state: "killed", code };
    case "remove":
    case "orphaned":
      return { state: "unknown", code: undefined };
    default:
      return { state: "starting", code: undefined };
  }
}
