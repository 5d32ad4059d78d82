import type { TaskTemplate } from "./service-types.ts";

export type TaskState =
  | "new"
  | "allocated"
  | "pending"
  | "assigned"
  | "accepted"
  | "preparing"
  | "ready"
  | "starting"
  | "running"
  | "complete"
  | "shutdown"
  | "failed"
  | "rejected"
  | "remove"
  | "orphaned";

/** `GET /tasks` and `GET /tasks/{id}` */
export interface Task {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  /** ISO 8601, by the clock of the manager. */
  readonly CreatedAt: string;
  readonly UpdatedAt: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Spec: TaskTemplate;
  readonly ServiceID: string;
  /** From 1; absent for a global service. */
  readonly Slot?: number;
  /** Absent until the task is assigned. */
  readonly NodeID?: string;
  readonly DesiredState: TaskState;
  readonly Status: {
    /** ISO 8601. */
    readonly Timestamp: string;
    readonly State: TaskState;
    readonly Message?: string;
    /** Why the task is pending, failed or was rejected. */
    readonly Err?: string;
    readonly ContainerStatus?: {
      /** Absent or empty until the container exists. */
      readonly ContainerID?: string;
      readonly PID?: number;
      /** Means nothing unless the state is final: it is 0 and -1 in between, and 0 after a restart of the node's engine. */
      readonly ExitCode?: number;
    } | null;
  };
}
