import { listContainers } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { type Candidate, chooseContainer, DEPLOYERS, matchCandidates, parseQualifiedName } from "./candidates.ts";

/** The container to copy for an app's name. @throws OneoffError when different apps have it. */
export async function findContainer(engine: Transport, picked: string): Promise<Candidate | undefined> {
  return chooseContainer(unqualifiedName(picked), await findCandidates(engine, picked));
}

/** Without what says where it is from. */
export const unqualifiedName = (picked: string) => parseQualifiedName(picked).name;

/**
 * The containers that an app's name means. First those are asked for that have it in their names, as every deployer's
 * containers have unless told otherwise: one request. Only when none of them is meant, every deployer's labels.
 * @param picked a name that says where from: `compose:shop/web`, `container:my-app`.
 */
export async function findCandidates(engine: Transport, picked: string): Promise<Candidate[]> {
  const { from, name } = parseQualifiedName(picked);
  if (!name.includes("/")) {
    const named = matchCandidates(picked, await listContainers(engine, { name: [namePattern(name)] }));
    if (named.length > 0) return named;
  }
  const wanted = DEPLOYERS.filter((deployer) => !from || deployer.from === from);
  const filters = wanted.flatMap(({ filter }) => [filter(name) ?? []]).filter((label) => label.length > 0);
  const lists = await Promise.all(filters.map((label) => listContainers(engine, { label })));
  // A container may be several deployers': a list a deployer has it as many times.
  const found = new Map(lists.flat().map((container) => [container.Id, container]));
  return matchCandidates(picked, [...found.values()]);
}

/** As the engine's filter takes it, for names such as `app.web.1`, `project-app-1` and `app-web-9f3c2e`. */
const namePattern = (name: string) => `(^|[-_.])${name.replaceAll(".", "\\.")}([-_.]|$)`;
