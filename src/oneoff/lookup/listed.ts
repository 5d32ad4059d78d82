import type { Shortfall } from "../apps/degraded.ts";
import type { Process } from "../apps/processes.ts";
import type { TaskFacts } from "../swarm/tasks/task-facts.ts";
import { ONEOFF_STATES, type Oneoff } from "./oneoff.ts";

/** The state is unknown if the container was removed and no journal entry has the exit. */
export const LISTED_STATES = [...ONEOFF_STATES, "unknown"] as const;
export type ListedState = (typeof LISTED_STATES)[number];

export interface ListQuery {
  /** Undefined for the one-offs of all apps. */
  readonly app: string | undefined;
  /** Selects the app's other processes: its name, or a more exact one. */
  readonly processApp: string | undefined;
  /** `run`, or a process type; undefined for all. */
  readonly type: string | undefined;
  readonly states: readonly ListedState[];
}

/** A one-off from the engine or the journal. Its ID is the container's, or of a one-off that is a service, the service's. */
export interface ListedOneoff
  extends Pick<Oneoff, "id" | "name" | "app" | "code" | "command" | "processType" | "created" | "timeout" | "retain"> {
  /** Undefined if the container was removed. */
  readonly containerName: string | undefined;
  readonly state: ListedState;
  /** Seconds since 1970; undefined if unknown. */
  readonly ended: number | undefined;
  /** Of a one-off that is a service of a Swarm. */
  readonly task?: TaskFacts;
}

/** A process from the engine, or a task of a Swarm's service on any node. */
export interface ListedProcess extends Omit<Process, "state"> {
  readonly state: ListedState;
  readonly task?: TaskFacts;
}

export interface Listing {
  readonly oneoffs: readonly ListedOneoff[];
  readonly processes: readonly ListedProcess[];
  /** Process types of a deployed app with fewer running processes than configured. */
  readonly down: readonly Shortfall[];
  /** Whether the app is a service of a Swarm, which may have no task. */
  readonly isService?: boolean;
  /** Whether tasks of a Swarm are listed, of which this engine reports no events. */
  readonly hasTasks?: boolean;
  /** Set if tasks on other nodes are unknown, because this engine is not a manager. */
  readonly isPartial?: boolean;
}
