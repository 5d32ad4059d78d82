import type { ContainerSpec, ServiceSpec, TaskTemplate } from "../../engine/swarm/service-types.ts";

/** What distinguishes a service of one task from the service that it copies. */
export interface OneTask {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly container: Partial<ContainerSpec>;
  /** Added to the constraints of the service, e.g. `node.id==x1y2z3`. */
  readonly constraints?: readonly string[];
  readonly logDriver: NonNullable<TaskTemplate["LogDriver"]>;
}

/**
 * A service that runs one task once, where and with what the next task of an app's service would run. It receives no
 * traffic of the app: no aliases and no ports. It has no labels of the stack, or `docker stack rm` would remove
 * it. A failing health check would stop it. Never a job: Swarm repeats jobs after a restart of a manager.
 */
export function oneTaskSpec(
  app: ServiceSpec,
  { name, labels, container, constraints = [], logDriver }: OneTask,
): ServiceSpec {
  const { ContainerSpec, Placement, Networks, ForceUpdate: _update, ...template } = app.TaskTemplate;
  const { MaxReplicas: _perNode, Constraints, ...placement } = Placement ?? {};
  const networks = Networks ?? app.Networks;
  return {
    Name: name,
    Labels: labels,
    TaskTemplate: {
      ...template,
      ContainerSpec: {
        ...(ContainerSpec ?? { Image: "" }),
        Labels: withoutStack(ContainerSpec?.Labels),
        Healthcheck: { Test: ["NONE"] },
        ...container,
      },
      Placement: { ...placement, Constraints: [...(Constraints ?? []), ...constraints] },
      ...(networks && { Networks: networks.map(({ Aliases: _aliases, ...network }) => network) }),
      RestartPolicy: { Condition: "none" },
      LogDriver: logDriver,
    },
    Mode: { Replicated: { Replicas: 1 } },
    // Its name needs no virtual address.
    EndpointSpec: { Mode: "dnsrr" },
  };
}

const withoutStack = (labels: ContainerSpec["Labels"]) =>
  Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !key.startsWith("com.docker.stack.")));
