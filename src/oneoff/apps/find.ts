import type { Deployer } from "../../app/app.ts";
import { listContainers } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ServiceApp } from "../swarm/services/service-app.ts";
import {
  type Candidate,
  chooseContainer,
  DEPLOYERS,
  type Matches,
  matchCandidates,
  parseQualifiedName,
  serviceIdOf,
} from "./candidates.ts";

/** `shop/web` for `compose:shop/web`. */
export const unqualifiedName = (appName: string) => parseQualifiedName(appName).name;

/** What to copy for an app name. */
export interface Found {
  readonly candidate: Candidate | undefined;
  readonly service: ServiceApp | undefined;
  /** Containers of the service's tasks on this node. */
  readonly tasks: readonly Candidate[];
}

/** Finds the container or service to copy for an app name. @throws OneoffError if several apps have the name */
export async function findApp(engine: Transport, appName: string): Promise<Found> {
  const name = unqualifiedName(appName);
  const { candidates, services } = await findMatches(engine, appName);
  if (services.length === 0) {
    return { candidate: chooseContainer(name, candidates), service: undefined, tasks: [] };
  }
  const { chooseService } = await import("../swarm/services/find-service.ts");
  return { candidate: undefined, service: chooseService(name, { candidates, services }), tasks: candidates };
}

/**
 * Finds the containers that match an app name. The first request filters by container name, which by default contains
 * the app name with every deployer. Only without a match, the labels of each deployer are searched.
 * @param appName may have a deployer as prefix: `compose:shop/web`, `container:my-app`.
 */
export async function findCandidates(engine: Transport, appName: string): Promise<Candidate[]> {
  const byName = await listByName(engine, appName);
  return byName.length > 0 ? byName : await listByLabels(engine, appName, deployersOf(appName));
}

/**
 * Finds containers, and the services of a Swarm. On an engine in no Swarm that costs no request: where no container has
 * the name, the services replace the labels of their tasks.
 */
export async function findMatches(engine: Transport, appName: string): Promise<Matches> {
  const byName = await listByName(engine, appName);
  const hasTask = byName.some(({ container }) => serviceIdOf(container) !== undefined);
  if (byName.length > 0 && !hasTask) return { candidates: byName, services: [] };
  const { listServiceApps, matchServices } = await import("../swarm/services/find-service.ts");
  const listing = hasTask ? await listServiceApps(engine) : undefined;
  if (listing) {
    const matches = matchServices(appName, byName, listing);
    if (matches.candidates.length + matches.services.length > 0) return matches;
  }
  const deployers = deployersOf(appName);
  const [swarm, others] = [deployers.filter(isSwarm), deployers.filter((deployer) => !isSwarm(deployer))];
  const { name } = parseQualifiedName(appName);
  const mayBeService = swarm.length > 0 && /^[\w.-]+(\/[\w.-]+)?$/.test(name);
  const byLabel = listByLabels(engine, appName, others);
  // No label of a task has a slash, so the services would be a request more.
  const isFound = mayBeService && name.includes("/") && (await byLabel).length > 0;
  if (!mayBeService || isFound) return { candidates: await byLabel, services: [] };
  const [candidates, services] = await Promise.all([byLabel, listing ?? listServiceApps(engine)]);
  const tasks = services === "worker" ? await listByLabels(engine, appName, swarm) : [];
  return matchServices(appName, [...candidates, ...tasks], services);
}

function deployersOf(appName: string): typeof DEPLOYERS {
  const { from } = parseQualifiedName(appName);
  return DEPLOYERS.filter((deployer) => !from || deployer.from === from);
}

const isSwarm = ({ from }: { readonly from: Deployer }) => from === "swarm";

async function listByName(engine: Transport, appName: string): Promise<Candidate[]> {
  const { name } = parseQualifiedName(appName);
  // No name of a container has a slash.
  if (name.includes("/")) return [];
  return matchCandidates(appName, await listContainers(engine, { name: [namePattern(name)] }));
}

async function listByLabels(engine: Transport, appName: string, deployers: typeof DEPLOYERS): Promise<Candidate[]> {
  const { name } = parseQualifiedName(appName);
  const filters = deployers.flatMap(({ filter }) => [filter(name) ?? []]).filter((label) => label.length > 0);
  const lists = await Promise.all(filters.map((label) => listContainers(engine, { label })));
  // A container with labels of several deployers is in several lists.
  const unique = new Map(lists.flat().map((container) => [container.Id, container]));
  return matchCandidates(appName, [...unique.values()]);
}

/** A regular expression for the engine's filter, which matches `app.web.1`, `project-app-1` and `app-web-9f3c2e`. */
const namePattern = (name: string) => `(^|[-_.])${name.replaceAll(".", "\\.")}([-_.]|$)`;
