import { listContainers } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { type Candidate, chooseContainer, DEPLOYERS, matchCandidates, parseQualifiedName } from "./candidates.ts";

/** Finds the container to copy for an app name. @throws OneoffError if several apps have the name */
export async function findContainer(engine: Transport, appName: string): Promise<Candidate | undefined> {
  return chooseContainer(unqualifiedName(appName), await findCandidates(engine, appName));
}

/** `shop/web` for `compose:shop/web`. */
export const unqualifiedName = (appName: string) => parseQualifiedName(appName).name;

/**
 * Finds the containers that match an app name. The first request filters by container name, which by default contains
 * the app name with every deployer. Only without a match, the labels of each deployer are searched.
 * @param appName may have a deployer as prefix: `compose:shop/web`, `container:my-app`.
 */
export async function findCandidates(engine: Transport, appName: string): Promise<Candidate[]> {
  const { from, name } = parseQualifiedName(appName);
  if (!name.includes("/")) {
    const byName = matchCandidates(appName, await listContainers(engine, { name: [namePattern(name)] }));
    if (byName.length > 0) return byName;
  }
  const deployers = DEPLOYERS.filter((deployer) => !from || deployer.from === from);
  const filters = deployers.flatMap(({ filter }) => [filter(name) ?? []]).filter((label) => label.length > 0);
  const lists = await Promise.all(filters.map((label) => listContainers(engine, { label })));
  // A container with labels of several deployers is in several lists.
  const unique = new Map(lists.flat().map((container) => [container.Id, container]));
  return matchCandidates(appName, [...unique.values()]);
}

/** A regular expression for the engine's filter, which matches `app.web.1`, `project-app-1` and `app-web-9f3c2e`. */
const namePattern = (name: string) => `(^|[-_.])${name.replaceAll(".", "\\.")}([-_.]|$)`;
