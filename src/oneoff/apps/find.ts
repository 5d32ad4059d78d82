import type { Deployer } from "../../app/app.ts";
import { listContainers } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
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

/**
 * Finds the container or service to copy for an app name.
 * @param isNew as for `findMatches`. @throws OneoffError if several apps have the name
 */
export async function findApp(engine: Transport, appName: string, isNew = false): Promise<Found> {
  const name = unqualifiedName(appName);
  const { candidates, services } = await findMatches(engine, appName, isNew);
  if (services.length === 0) {
    return { candidate: chooseContainer(name, candidates), service: undefined, tasks: [] };
  }
  const { chooseService } = await import("../swarm/services/find-service.ts");
  return { candidate: undefined, service: chooseService(name, { candidates, services }), tasks: candidates };
}

/**
 * Finds the containers that match an app name. The first request filters by container name, which by default contains
 * the app name with every deployer. Only without a match, labels are searched.
 * @param appName may have a deployer as prefix: `compose:shop/web`, `container:my-app`.
 */
export async function findCandidates(engine: Transport, appName: string): Promise<Candidate[]> {
  const byName = await searchNames(engine, appName);
  return byName.length > 0 ? byName : await searchLabels(engine, appName, deployersOf(appName), undefined);
}

/**
 * Finds containers, and the services of a Swarm. On an engine in no Swarm that costs no request: where no container has
 * the name, the services replace the labels of their tasks.
 * @param isNew whether the app probably does not exist: names and labels are then searched in one list.
 */
export async function findMatches(engine: Transport, appName: string, isNew = false): Promise<Matches> {
  const some = isNew ? await listSome(engine) : undefined;
  const byName = await searchNames(engine, appName, some);
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
  const byLabel = searchLabels(engine, appName, others, some);
  // No label of a task has a slash, so the services would be a request more.
  const isFound = mayBeService && name.includes("/") && (await byLabel).length > 0;
  if (!mayBeService || isFound) return { candidates: await byLabel, services: [] };
  const [candidates, services] = await Promise.all([byLabel, listing ?? listServiceApps(engine)]);
  const tasks = services === "worker" ? await searchLabels(engine, appName, swarm, some) : [];
  return matchServices(appName, [...candidates, ...tasks], services);
}

function deployersOf(appName: string): typeof DEPLOYERS {
  const { from } = parseQualifiedName(appName);
  return DEPLOYERS.filter((deployer) => !from || deployer.from === from);
}

const isSwarm = ({ from }: { readonly from: Deployer }) => from === "swarm";

async function searchNames(engine: Transport, appName: string, some?: Some): Promise<Candidate[]> {
  const { name } = parseQualifiedName(appName);
  // No name of a container has a slash.
  if (name.includes("/")) return [];
  const pattern = namePattern(name);
  const isNamed = ({ Names }: ContainerSummary) =>
    Names.some((one) => new RegExp(pattern).test(one.replace(/^\//, "")));
  return matchCandidates(appName, some?.all?.filter(isNamed) ?? (await listContainers(engine, { name: [pattern] })));
}

/** @param some undefined if it was not requested. */
async function searchLabels(engine: Transport, appName: string, deployers: typeof DEPLOYERS, some: Some | undefined) {
  const { name } = parseQualifiedName(appName);
  const filters = deployers.flatMap(({ filter }) => [filter(name) ?? []]).filter((label) => label.length > 0);
  const { all } = some ?? (filters.length > 1 ? await listSome(engine) : {});
  if (all) {
    return matchCandidates(
      appName,
      all.filter(({ Labels }) => filters.some((filter) => filter.every((label) => matchesLabel(Labels, label)))),
    );
  }
  const lists = await Promise.all(filters.map((label) => listContainers(engine, { label })));
  // A container with labels of several deployers is in several lists.
  const unique = new Map(lists.flat().map((container) => [container.Id, container]));
  return matchCandidates(appName, [...unique.values()]);
}

/** The containers of an engine that has few. */
interface Some {
  readonly all?: readonly ContainerSummary[];
}

/** The engine needs about 0.1 ms for each container of a list. */
const MAX_CONTAINERS = 40;

/** Podman omits containers that are removed meanwhile, so that a list below the limit may not be complete. */
const MARGIN = 8;

/** Lists all containers of an engine with few: one list without a filter replaces one for each deployer. */
async function listSome(engine: Transport): Promise<Some> {
  const containers = await listContainers(engine, {}, MAX_CONTAINERS + MARGIN);
  return containers.length > MAX_CONTAINERS ? {} : { all: containers };
}

/** Matches as the engine does. @param filter `key=value`, or `key` for any value. */
function matchesLabel(labels: ContainerSummary["Labels"], filter: string): boolean {
  const [, key = "", value] = /^([^=]*)(?:=([\s\S]*))?$/.exec(filter) ?? [];
  return value === undefined ? key in labels : labels[key] === value;
}

/** A regular expression for the engine's filter, which matches `app.web.1`, `project-app-1` and `app-web-9f3c2e`. */
const namePattern = (name: string) => `(^|[-_.])${name.replaceAll(".", "\\.")}([-_.]|$)`;
