import { inspectNetwork } from "../../engine/networks.ts";
import { listNodes, swarmMembership } from "../../engine/swarm/nodes.ts";
import { phaseNeedsNode } from "../../errors/swarm-deploy.ts";
import { openHolder } from "../../oneoff/swarm/holder/holder.ts";
import { canHold } from "../../oneoff/swarm/holder/holder-image.ts";
import { needsOf, wayOnNode } from "../../oneoff/swarm/placement/choose-way.ts";
import type { DeployApp } from "../../release/release.ts";
import type { DeployContext } from "../deploy-steps.ts";
import type { CompletePhase } from "../phases/phase.ts";
import { appResources, type SwarmObjects } from "./app-resources.ts";

const START_TIMEOUT_S = 30;

/**
 * Phases run on this node, as containers. Secrets, configs and networks that containers cannot join need a service beside
 * them, which brings these to the node.
 * @returns undefined if a phase needs no service. @throws OneoffError if this node cannot run one
 */
export async function phaseOnSwarm(
  { engine, report, owner }: DeployContext,
  app: DeployApp,
  objects: SwarmObjects,
): Promise<CompletePhase | undefined> {
  const { Networks, ...files } = appResources(app, objects);
  const service = { Name: "", TaskTemplate: { ContainerSpec: { Image: "", ...files }, Networks } };
  const networks = await Promise.all(Networks.map(({ Target }) => inspectNetwork(engine, Target)));
  const needs = needsOf(service, networks, undefined);
  if (wayOnNode(needs) === "container") return undefined;
  const [{ nodeId, rootDir = "/var/lib/docker" }, nodes] = await Promise.all([
    swarmMembership(engine),
    listNodes(engine),
  ]);
  const node = nodes.find(({ ID }) => ID === nodeId);
  if (node?.Spec.Availability !== "active" || !canHold(node)) throw phaseNeedsNode(app.name);
  return (spec) => {
    const holder = openHolder(
      { manager: engine, engine, report, owner: owner.self },
      { service, node, rootDir, sharesNetwork: needs.hasNetworks, startTimeoutS: START_TIMEOUT_S },
    );
    return { spec: holder.beside(spec), surroundings: holder.surroundings };
  };
}
