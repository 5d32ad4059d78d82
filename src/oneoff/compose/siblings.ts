import { listContainers } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { containerNameOf } from "../../identity/ownership.ts";

/** The containers of a project by service, running ones first; one-offs of Compose are left out. */
export type Siblings = ReadonlyMap<string, readonly ContainerSummary[]>;

export async function listSiblings(engine: Transport, project: string): Promise<Siblings> {
  // Containers of an image that Compose has built inherit labels of the project, but not this one.
  const label = [`com.docker.compose.project=${project}`, "com.docker.compose.oneoff=False"];
  const ordered = (await listContainers(engine, { label })).sort(
    (a, b) => Number(isRunning(b)) - Number(isRunning(a)) || (containerNameOf(a) < containerNameOf(b) ? -1 : 1),
  );
  return Map.groupBy(ordered, ({ Labels }) => Labels["com.docker.compose.service"] ?? "");
}

export const isRunning = ({ State }: Pick<ContainerSummary, "State">): boolean => State === "running";
