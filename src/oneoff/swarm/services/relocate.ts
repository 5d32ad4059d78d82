import { launcherOfImage } from "../../../app/buildpacks.ts";
import { listContainers } from "../../../engine/containers.ts";
import { findImage } from "../../../engine/images.ts";
import type { SwarmNode } from "../../../engine/swarm/node-types.ts";
import type { Transport } from "../../../engine/transport.ts";
import type { Resolved } from "../../apps/resolved-app.ts";
import { onNode } from "./on-node.ts";
import { imageOfTask } from "./resolve-service.ts";

/** A service that was resolved on one node, with the settings and the image of another. @param other the image that replaces the service's. */
export async function relocate(
  resolved: Resolved,
  { engine, node }: { readonly engine: Transport; readonly node: SwarmNode },
  other: string | undefined,
): Promise<Resolved> {
  const { app, swarm, ...rest } = onNode(resolved, node);
  if (!swarm) return resolved;
  const reference = other ?? swarm.service.Spec.TaskTemplate.ContainerSpec?.Image ?? "";
  const label = [`com.docker.swarm.service.id=${swarm.service.ID}`];
  const [details, tasks] = await Promise.all([findImage(engine, reference), listContainers(engine, { label })]);
  const image = details || other ? reference : (imageOfTask(tasks, swarm.service) ?? reference);
  return { ...rest, swarm, app: { ...app, image, launcher: launcherOfImage(details?.Config ?? {}) } };
}
