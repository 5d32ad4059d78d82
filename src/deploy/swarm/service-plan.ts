import type { Launcher } from "../../app/buildpacks.ts";
import { type Env, envList, parseEnvList } from "../../app/env.ts";
import type { RestartPolicy } from "../../app/manifest/manifest-processes.ts";
import type { ProcessCreateBody } from "../../engine/process-types.ts";
import type { ContainerSpec, ServiceSpec, TaskTemplate, UpdateConfig } from "../../engine/swarm/service-types.ts";
import { LABEL } from "../../identity/labels.ts";
import { serviceName } from "../../identity/names.ts";
import { escapeTemplate } from "../../oneoff/swarm/services/service-templates.ts";
import type { DeployApp, Release } from "../../release/release.ts";
import type { ProcessGroup } from "../rollout/formation.ts";
import { aliasesOf, DEFAULT_PORT, LOG_CONFIG, processBody, processContainerName } from "../rollout/process-spec.ts";
import { type AppResources, appResources, type SwarmObjects } from "./app-resources.ts";
import { type ServiceEndpoint, serviceEndpoint } from "./service-endpoint.ts";
import { type ServiceHealth, serviceHealth, type Tool } from "./service-health.ts";
import { serviceMounts } from "./service-mounts.ts";

/** What the services of a release are made of. */
export interface ServiceFacts extends SwarmObjects {
  readonly app: DeployApp;
  /** Its `image` as the nodes name it. */
  readonly release: Pick<Release, "app" | "number" | "image" | "procfile" | "appJson" | "created">;
  readonly image: ImageFacts;
}

export interface ImageFacts {
  readonly env: Env;
  readonly launcher: Launcher | undefined;
  readonly hasHealthcheck: boolean;
  readonly tools: ReadonlySet<Tool>;
}

/** The service of one process type. */
export interface ServicePlan {
  readonly type: string;
  readonly spec: ServiceSpec;
  readonly health: ServiceHealth;
}

export const serviceNameOf = (app: string, type: string) => serviceName(processContainerName(app, type));

const SECOND = 1e9;

/** Keeps the numbers of restarts apart from the next release. */
const RESTARTS_PER_RELEASE = 10_000;

/** One service for each process type that the formation has. */
export const planServices = (facts: ServiceFacts, groups: readonly ProcessGroup[]): ServicePlan[] =>
  groups.map((group) => planService(facts, group));

function planService(facts: ServiceFacts, group: ProcessGroup): ServicePlan {
  const { app, release, image } = facts;
  const { type, quantity, size, maxParallel } = group;
  const port = app.env.get("PORT") ?? image.env.get("PORT") ?? DEFAULT_PORT;
  const name = serviceNameOf(app.name, type);
  const body = processBody(
    app,
    { ...release, imageId: release.image },
    { type, index: 1, port, displaces: false, launcher: image.launcher, ...(size !== undefined && { size }) },
  );
  const { settings } = app;
  const health = serviceHealth({
    checks: release.appJson.healthchecks.get(type) ?? [],
    imageHasCheck: image.hasHealthcheck,
    tools: image.tools,
    port: Number(port),
    launcher: image.launcher,
    healthWait: settings.processes?.healthWait,
  });
  const resources = appResources(app, facts);
  const aliases = aliasesOf(app.name, type).filter((alias) => alias !== name);
  const endpoint = serviceEndpoint(app, type);
  const spec: ServiceSpec = {
    Name: name,
    Labels: { ...body.Labels, [LABEL.container]: name, [LABEL.name]: type },
    TaskTemplate: {
      ContainerSpec: containerSpec(body, resources, type, health),
      Resources: { Limits: limitsOf(body) },
      RestartPolicy: restartPolicy(settings.processes?.restart),
      Placement: {},
      Networks: resources.Networks.map((network) => ({ ...network, ...(aliases.length > 0 && { Aliases: aliases }) })),
      LogDriver: { Name: LOG_CONFIG.Type, Options: LOG_CONFIG.Config },
      // Each release replaces all tasks. `oneoff restart` adds 1.
      ForceUpdate: release.number * RESTARTS_PER_RELEASE,
    },
    Mode: { Replicated: { Replicas: quantity } },
    ...updateConfigs(health, endpoint, maxParallel),
    EndpointSpec: endpoint.spec,
  };
  return { type, spec, health };
}

function containerSpec(
  body: ProcessCreateBody,
  { Secrets, Configs }: AppResources,
  type: string,
  { healthcheck }: ServiceHealth,
): ContainerSpec {
  const { Image, Entrypoint, Cmd, Env = [], User, WorkingDir, StopTimeout, HostConfig } = body;
  const escaped = [...parseEnvList(Env)].map(([name, value]) => [name, escapeTemplate(value)] as const);
  const env = new Map([...escaped, ["DYNO", `${type}.{{.Task.Slot}}`]]);
  return {
    Image,
    ...(Entrypoint && { Command: Entrypoint }),
    ...(Cmd && { Args: Cmd }),
    Env: envList(env),
    ...(User && { User }),
    ...(WorkingDir && { Dir: WorkingDir }),
    Init: HostConfig.Init,
    Mounts: serviceMounts(HostConfig),
    StopGracePeriod: StopTimeout * SECOND,
    ...(healthcheck && { Healthcheck: healthcheck }),
    ...{ Secrets, Configs },
  };
}

const limitsOf = ({ HostConfig: { Memory, NanoCpus } }: ProcessCreateBody) => ({
  ...(Memory !== undefined && { MemoryBytes: Memory }),
  ...(NanoCpus !== undefined && { NanoCPUs: NanoCpus }),
});

function restartPolicy(
  { name, retries }: RestartPolicy = { name: "always" },
): NonNullable<TaskTemplate["RestartPolicy"]> {
  if (name === "no") return { Condition: "none" };
  return name === "on-failure"
    ? { Condition: "on-failure", ...(retries !== undefined && { MaxAttempts: retries }) }
    : { Condition: "any" };
}

/**
 * An old task stops when the new one is healthy. Without a health check Swarm takes every started task for healthy, so
 * the pause after each group keeps the others running until the new tasks have stayed up.
 */
function updateConfigs({ isChecked, monitorS }: ServiceHealth, { order }: ServiceEndpoint, maxParallel = 1) {
  const common = { Order: order, MaxFailureRatio: 0 } as const;
  const update: UpdateConfig = {
    ...common,
    ...{ Parallelism: maxParallel, Delay: isChecked ? 0 : monitorS * SECOND },
    ...{ FailureAction: "rollback", Monitor: monitorS * SECOND },
  };
  const rollback: UpdateConfig = { ...common, Parallelism: 0, FailureAction: "pause", Monitor: SECOND };
  return { UpdateConfig: update, RollbackConfig: rollback };
}
