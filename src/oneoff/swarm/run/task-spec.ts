import { isDeepStrictEqual } from "node:util";
import type { ContainerSpec, ServiceResources, ServiceSpec } from "../../../engine/swarm/service-types.ts";
import type { ContainerCreateBody, HostConfig } from "../../../engine/types.ts";
import { LABEL } from "../../../identity/labels.ts";
import { serviceName } from "../../../identity/names.ts";
import { ownLabels, withoutOwnLabels } from "../../../identity/ownership.ts";
import { oneTaskSpec } from "../one-task-spec.ts";
import type { TaskRequest } from "./task-base.ts";
import { TASK_LOG_DRIVER } from "./task-log.ts";
import { taskMounts } from "./task-mounts.ts";

type Body = ContainerCreateBody;

export interface TaskFacts {
  readonly withInit: boolean;
  /** Replaces the service's. */
  readonly image?: string | undefined;
  /** Of the only node where it may run. */
  readonly nodeId?: string | undefined;
}

/**
 * The service that runs a one-off as a task. What options and oneoff.yaml do not set stays as the service has it, also
 * what no container could copy, e.g. placeholders in variables.
 * @param base the one-off without options and oneoff.yaml.
 */
export function taskSpec(
  app: ServiceSpec,
  { body, networks }: TaskRequest,
  base: TaskRequest,
  { withInit, image, nodeId }: TaskFacts,
): ServiceSpec {
  const name = serviceName(body.Labels[LABEL.container] ?? "");
  const { TaskTemplate } = app;
  const template = {
    ...TaskTemplate,
    ContainerSpec: taskContainer(TaskTemplate.ContainerSpec ?? { Image: "" }, body, base.body),
    Resources: taskResources(TaskTemplate.Resources ?? {}, limitsOf(body), limitsOf(base.body)),
    ...(!isDeepStrictEqual(networks, base.networks) && { Networks: networks.map((Target) => ({ Target })) }),
  };
  return oneTaskSpec(
    { ...app, TaskTemplate: template },
    {
      ...{ name, labels: ownLabels(name, body.Labels), logDriver: TASK_LOG_DRIVER },
      container: { Init: withInit, TTY: false, OpenStdin: false, ...(image !== undefined && { Image: image }) },
      constraints: nodeId === undefined ? [] : [`node.id==${nodeId}`],
    },
  );
}

function taskContainer({ Command: _command, ...ofApp }: ContainerSpec, body: Body, base: Body): ContainerSpec {
  const { HostConfig: host } = body;
  return {
    ...ofApp,
    // Without a Command, the ENTRYPOINT of the image is used.
    ...{ ...(body.Entrypoint && { Command: body.Entrypoint }), Args: body.Cmd },
    Env: taskEnv(ofApp.Env ?? [], body.Env, base.Env),
    Labels: { ...ofApp.Labels, ...withoutOwnLabels(body.Labels) },
    ...changedFields(containerFields(body), containerFields(base)),
    ...(!isDeepStrictEqual(host.Dns, base.HostConfig.Dns) && {
      DNSConfig: { ...ofApp.DNSConfig, Nameservers: host.Dns ?? [] },
    }),
    Mounts: taskMounts(ofApp.Mounts ?? [], host, base.HostConfig).mounts,
  };
}

const containerFields = ({ User, WorkingDir, Hostname, StopSignal, HostConfig: host }: Body) => ({
  ...{ User, Dir: WorkingDir, Hostname, StopSignal, ReadOnly: host.ReadonlyRootfs, Groups: host.GroupAdd },
  ...{ CapabilityAdd: host.CapAdd, CapabilityDrop: host.CapDrop, Ulimits: host.Ulimits },
  Hosts: host.ExtraHosts?.map((entry) => entry.replace(/^([^:]*):(.*)$/, "$2 $1")),
});

/** Variables that were set or removed; the service's have placeholders of Swarm, theirs are literal. */
function taskEnv(ofApp: readonly string[], asked: readonly string[], base: readonly string[]): string[] {
  const changed = asked.filter((pair) => !base.includes(pair));
  const names = new Set(changed.map(nameOf));
  return [
    ...ofApp.filter((pair) => !names.has(nameOf(pair))),
    ...changed.map((pair) => pair.replaceAll("{{", '{{"{{"}}')),
  ];
}

const nameOf = (pair: string) => pair.split("=", 1)[0];

const limitsOf = ({ HostConfig }: { readonly HostConfig: Partial<HostConfig> }) => ({
  ...{ MemoryBytes: HostConfig.Memory, NanoCPUs: HostConfig.NanoCpus, Pids: HostConfig.PidsLimit },
});

/** The engine refuses a reservation above the limit, so that a smaller limit removes it. */
function taskResources(
  { Limits, Reservations }: ServiceResources,
  asked: ReturnType<typeof limitsOf>,
  base: ReturnType<typeof limitsOf>,
): ServiceResources {
  const limits = { ...Limits, ...changedFields(asked, base) };
  const { MemoryBytes, NanoCPUs, ...rest } = Reservations ?? {};
  const fits = (reserved: number | undefined, limit: number | undefined) => reserved && (!limit || reserved <= limit);
  return {
    Limits: limits,
    Reservations: {
      ...rest,
      ...(fits(MemoryBytes, limits.MemoryBytes) && { MemoryBytes }),
      ...(fits(NanoCPUs, limits.NanoCPUs) && { NanoCPUs }),
    },
  };
}

type Defined<T> = { [Key in keyof T]?: NonNullable<T[Key]> };

/** The fields that were set to another value. */
const changedFields = <T extends object>(asked: T, base: T) =>
  Object.fromEntries(
    (Object.entries(asked) as [keyof T, unknown][]).filter(
      ([key, value]) => value !== undefined && value !== null && !isDeepStrictEqual(value, base[key]),
    ),
  ) as Defined<T>;
