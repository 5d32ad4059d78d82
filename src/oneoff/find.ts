import { listContainers } from "../engine/containers.ts";
import type { Transport } from "../engine/transport.ts";
import type { ContainerSummary } from "../engine/types.ts";
import { type Candidate, candidatesOf, choose, DEPLOYERS } from "./candidates.ts";

/**
 * The container that an app's name means. First those are asked for that have it in their names, as every deployer's
 * containers have unless told otherwise: one request. Only when none of them is meant, every deployer's labels.
 * @param picked a name that says where from: `compose:shop/web`, `container:my-app`.
 */
export async function findContainer(engine: Transport, picked: string): Promise<Candidate | undefined> {
  const [, from, name = picked] = /^([a-z]+):(.+)$/.exec(picked) ?? [];
  const of = (containers: readonly ContainerSummary[]) =>
    candidatesOf(name, containers).filter((candidate) => !from || candidate.from === from);
  if (!name.includes("/")) {
    const named = of(await listContainers(engine, { name: [namePattern(name)] }));
    if (named.length > 0) return choose(name, named);
  }
  const wanted = DEPLOYERS.filter((deployer) => !from || deployer.from === from);
  const lists = await Promise.all(wanted.map(({ filter }) => listContainers(engine, { label: filter(name) })));
  // A container may be several deployers': a list a deployer has it as many times.
  const found = new Map(lists.flat().map((container) => [container.Id, container]));
  return choose(name, of([...found.values()]));
}

/** As the engine's filter takes it, for names such as `app.web.1`, `project-app-1` and `app-web-9f3c2e`. */
const namePattern = (name: string) => `(^|[-_.])${name.replaceAll(".", "\\.")}([-_.]|$)`;
