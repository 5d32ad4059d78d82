import type { Service } from "../../../engine/swarm/service-types.ts";
import type { Task } from "../../../engine/swarm/task-types.ts";

/** The services and tasks of a Swarm whose output belongs to a log. */
export interface ServiceLog {
  /** As it was typed: one-offs and their journal have this name. */
  readonly app: string;
  /** All names with which one-offs of the app were started. */
  readonly appNames: readonly string[];
  /** The one-off of which this is the log: the ID of its service. */
  readonly oneoff: LoggedService | undefined;
  readonly hasOneoffs: boolean;
  /** Selects services, also those that are created later. */
  selectsService(service: LoggedService): boolean;
  /** @param name `web.1` */
  selectsTask(type: string, name: string): boolean;
}

/** A service with the names that a log shows. */
export interface LoggedService {
  readonly service: Service;
  readonly app: string;
  readonly appNames: readonly string[];
  /** `shop_web`, or for a process that oneoff has deployed its type; for a one-off `run.7364`. */
  readonly type: string;
  readonly isOneoff: boolean;
}

/** A task with what its lines show. */
export interface LoggedTask {
  readonly service: LoggedService;
  readonly task: Task;
  /** `shop_web.2`; `run.7364` */
  readonly name: string;
  /** Undefined until the container exists. */
  readonly containerId: string | undefined;
  /** The host name of its node. */
  readonly node: string;
  readonly isNodeDown: boolean;
}

/** The tasks of a log that is read through a manager. */
export interface SwarmScope {
  readonly log: ServiceLog;
  /** Newest first. */
  readonly tasks: readonly LoggedTask[];
  /** The ID of this engine's node. */
  readonly nodeId: string | undefined;
}
