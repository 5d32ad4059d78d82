import type { SwarmNode } from "../../src/engine/swarm/node-types.ts";
import type { Service, ServiceSpec } from "../../src/engine/swarm/service-types.ts";
import type { Task, TaskState } from "../../src/engine/swarm/task-types.ts";

/** A node as a manager lists it. */
export const swarmNode = (
  name: string,
  State: SwarmNode["Status"]["State"] = "ready",
  Message?: string,
): SwarmNode => ({
  ID: `id-of-${name}`,
  Spec: { Role: "worker", Availability: "active", Labels: {} },
  Description: { Hostname: name },
  Status: { State, ...(Message && { Message }), Addr: "10.0.0.2" },
});

/** A service whose answers carry what oneoff reads. */
export const swarmService = (
  Name: string,
  Labels: Record<string, string> = {},
  spec: Partial<ServiceSpec> = {},
): Service => ({
  ID: `id-of-${Name}`,
  Version: { Index: 10 },
  CreatedAt: "2026-11-30T06:20:31.354Z",
  UpdatedAt: "2026-11-30T06:20:31.354Z",
  Spec: {
    ...{ Name, Labels, Mode: { Replicated: { Replicas: 1 } } },
    TaskTemplate: { ContainerSpec: { Image: "busybox:local", Args: ["sleep", "1000"] } },
    ...spec,
  },
});

export interface TaskTraits {
  readonly slot?: number;
  /** The name of its node. */
  readonly node?: string;
  readonly desired?: TaskState;
  readonly code?: number;
  readonly error?: string;
  /** Seconds after the first task. */
  readonly created?: number;
}

/** A task as Engine 20.10 lists it: without a container, it has an empty ContainerID and code 0. */
export function swarmTask(service: Service, State: TaskState, traits: TaskTraits = {}): Task {
  const { slot = 1, node, desired = "running", code = 0, error, created = 0 } = traits;
  const CreatedAt = new Date(Date.parse("2026-11-30T06:20:31Z") + created * 1000).toISOString();
  const hasContainer = node !== undefined && State !== "rejected";
  return {
    ID: `${State}-${slot}-${created}`,
    Version: { Index: 20 },
    ...{ CreatedAt, UpdatedAt: CreatedAt, Spec: service.Spec.TaskTemplate, ServiceID: service.ID },
    ...(slot > 0 && { Slot: slot }),
    ...(node !== undefined && { NodeID: `id-of-${node}` }),
    DesiredState: desired,
    Status: {
      Timestamp: new Date(Date.parse(CreatedAt) + 2000).toISOString(),
      ...{ State, Message: "started", ...(error && { Err: error }) },
      ContainerStatus: { ContainerID: hasContainer ? `container-${slot}-${created}` : "", PID: 0, ExitCode: code },
    },
  };
}
