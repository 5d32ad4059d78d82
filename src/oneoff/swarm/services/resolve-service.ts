import { launcherOfImage } from "../../../app/buildpacks.ts";
import { parseEnvList } from "../../../app/env.ts";
import { findImage } from "../../../engine/images.ts";
import { inspectNetwork } from "../../../engine/networks.ts";
import { swarmMembership } from "../../../engine/swarm/nodes.ts";
import type { Service } from "../../../engine/swarm/service-types.ts";
import type { Transport } from "../../../engine/transport.ts";
import type { ContainerSummary } from "../../../engine/types.ts";
import { type Candidate, parseQualifiedName, serviceIdOf } from "../../apps/candidates.ts";
import type { Resolved } from "../../apps/resolved-app.ts";
import type { ServiceApp } from "./service-app.ts";
import { copyServiceSpec } from "./service-copy.ts";
import { namesNode, type TemplateNode } from "./service-templates.ts";

/**
 * The settings of a service's next task, not of a task that may be older.
 * @param other an image that replaces the service's image.
 * @param tasks containers of the service's tasks on this node.
 */
export async function resolveService(
  engine: Transport,
  appName: string,
  service: ServiceApp,
  { other, tasks }: { readonly other: string | undefined; readonly tasks: readonly Candidate[] },
): Promise<Resolved> {
  const { Networks, ContainerSpec } = service.service.Spec.TaskTemplate;
  const attached = Networks ?? service.service.Spec.Networks ?? [];
  const reference = other ?? ContainerSpec?.Image ?? "";
  const [networks, node, details] = await Promise.all([
    Promise.all(attached.map(({ Target }) => inspectNetwork(engine, Target))),
    templateNode(engine, service.service),
    // A missing image is reported at create.
    findImage(engine, reference),
  ]);
  const { copy, omitted } = copyServiceSpec(service.service, { node, networks: networks.map(({ Name }) => Name) });
  return {
    app: {
      name: parseQualifiedName(appName).name,
      from: "swarm",
      image:
        details || other
          ? reference
          : (imageOfTask(
              tasks.map(({ container }) => container),
              service.service,
            ) ?? reference),
      env: parseEnvList(copy.env),
      procfile: new Map(),
      launcher: launcherOfImage(details?.Config ?? {}),
      settings: {},
    },
    copy,
    swarm: service,
    // Every one-off has a DYNO of its own.
    omitted: service.own ? omitted.filter((setting) => setting !== "variable DYNO") : omitted,
  };
}

/** Only the settings of few services name their node. */
async function templateNode(engine: Transport, { Spec }: Service): Promise<TemplateNode> {
  const { Hostname = "", Env, Mounts } = Spec.TaskTemplate.ContainerSpec ?? {};
  const texts = [Hostname, ...(Env ?? []), ...(Mounts ?? []).flatMap(({ Source = "", Target }) => [Source, Target])];
  if (!texts.some(namesNode)) return { id: undefined, hostname: undefined };
  const { nodeId, hostname } = await swarmMembership(engine);
  return { id: nodeId, hostname };
}

/** An image that was loaded has no digest, but a task has found it by its tag. */
export const imageOfTask = (tasks: readonly ContainerSummary[], { ID, Spec }: Service): string | undefined =>
  tasks.find((task) => serviceIdOf(task) === ID && task.Image === Spec.TaskTemplate.ContainerSpec?.Image)?.ImageID;
