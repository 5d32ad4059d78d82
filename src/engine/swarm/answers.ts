import { boolean, listOf, mapOf, moment, number, object, optional, type Shape, text } from "../shapes.ts";

/** Validates answers about a Swarm, like `../answers.ts`. */
const texts = optional(listOf(text));
const labels = optional(mapOf(text));
const index = object({ Index: number });

const reference = (prefix: string) =>
  optional(
    listOf(
      object({
        ...{ [`${prefix}ID`]: text, [`${prefix}Name`]: text },
        File: optional(object({ Name: text, UID: text, GID: text, Mode: number })),
      }),
    ),
  );

const containerSpec = object({
  ...{ Image: text, Labels: labels, Command: texts, Args: texts, Env: texts, Groups: texts, Hosts: texts },
  ...{ Hostname: optional(text), Dir: optional(text), User: optional(text) },
  ...{ TTY: optional(boolean), OpenStdin: optional(boolean), ReadOnly: optional(boolean), Init: optional(boolean) },
  Mounts: optional(listOf(object({ Type: text, Target: text, Source: optional(text) }))),
  ...{ StopSignal: optional(text), StopGracePeriod: optional(number) },
  Healthcheck: optional(object({ Test: texts })),
  DNSConfig: optional(object({ Nameservers: texts, Search: texts, Options: texts })),
  ...{ Secrets: reference("Secret"), Configs: reference("Config") },
  ...{ Sysctls: labels, CapabilityAdd: texts, CapabilityDrop: texts },
  Ulimits: optional(listOf(object({ Name: text, Soft: number, Hard: number }))),
});

const networks = optional(listOf(object({ Target: text, Aliases: texts })));
const resources = optional(object({ NanoCPUs: optional(number), MemoryBytes: optional(number) }));

const taskTemplate = object({
  ContainerSpec: optional(containerSpec),
  Resources: optional(object({ Limits: resources, Reservations: resources })),
  Placement: optional(object({ Constraints: texts, MaxReplicas: optional(number) })),
  Networks: networks,
  ForceUpdate: optional(number),
});

const spec = object({
  ...{ Name: text, Labels: labels, TaskTemplate: taskTemplate, Networks: networks },
  Mode: optional(object({ Replicated: optional(object({ Replicas: optional(number) })) })),
  EndpointSpec: optional(object({ Mode: optional(text), Ports: optional(listOf(object({ TargetPort: number }))) })),
});

export const service: Shape = object({
  ...{ ID: text, Version: index, CreatedAt: moment, UpdatedAt: moment, Spec: spec, PreviousSpec: optional(spec) },
  UpdateStatus: optional(object({ State: optional(text), Message: optional(text) })),
  ServiceStatus: optional(object({ RunningTasks: number, DesiredTasks: number })),
});

export const serviceList: Shape = listOf(service);

export const task: Shape = object({
  ...{ ID: text, Version: index, CreatedAt: moment, UpdatedAt: moment, Labels: labels, Spec: taskTemplate },
  ...{ ServiceID: text, Slot: optional(number), NodeID: optional(text), DesiredState: text },
  Status: object({
    ...{ Timestamp: moment, State: text, Message: optional(text), Err: optional(text) },
    ContainerStatus: optional(object({ ContainerID: optional(text), ExitCode: optional(number) })),
  }),
});

export const taskList: Shape = listOf(task);

export const node: Shape = object({
  ID: text,
  Spec: object({ Name: optional(text), Role: text, Availability: text, Labels: labels }),
  Description: object({ Hostname: text, Engine: optional(object({ Labels: labels })) }),
  Status: object({ State: text, Message: optional(text), Addr: optional(text) }),
  ManagerStatus: optional(object({ Leader: optional(boolean), Addr: optional(text) })),
});

export const nodeList: Shape = listOf(node);

export const config: Shape = object({
  ...{ ID: text, Version: index, CreatedAt: moment, UpdatedAt: moment },
  Spec: object({ Name: text, Labels: labels, Data: optional(text) }),
});

export const configList: Shape = listOf(config);

export const secretList: Shape = listOf(object({ ID: text, Spec: object({ Name: text, Labels: labels }) }));

export const created: Shape = object({ ID: text });

export const serviceWarnings: Shape = optional(object({ Warnings: texts }));

/** In the information about an engine. */
export const swarmPart: Shape = optional(
  object({
    ...{ NodeID: optional(text), LocalNodeState: optional(text), ControlAvailable: optional(boolean) },
    ...{ Error: optional(text), RemoteManagers: optional(listOf(object({ NodeID: text, Addr: text }))) },
  }),
);

export const distribution: Shape = object({ Descriptor: object({ digest: text }) });
