import type { Deployer } from "../../app/app.ts";
import { maskCommand } from "../../app/secrets/mask.ts";
import type { Transport } from "../../engine/transport.ts";
import { containerNameOf } from "../../identity/ownership.ts";
import { type Oneoff, stateOfContainer } from "../lookup/oneoff.ts";
import type { ServiceApp } from "../swarm/services/service-app.ts";
import { type Candidate, chooseContainer } from "./candidates.ts";
import { findShortfalls, type Shortfall } from "./degraded.ts";
import { findMatches, unqualifiedName } from "./find.ts";

/** A deployed container of an app. */
export interface Process extends Pick<Oneoff, "id" | "containerName" | "state" | "code" | "command" | "created"> {
  readonly type: string;
  /** `web.1` */
  readonly name: string;
}

export interface ProcessListing {
  readonly processes: readonly Process[];
  readonly down: readonly Shortfall[];
  /** Undefined without containers. */
  readonly from: Deployer | undefined;
  /** Whose tasks are the processes, on all nodes of a Swarm; none of the containers on this node are listed then. */
  readonly services: readonly ServiceApp[];
}

/**
 * Lists the processes of an app, including exited ones, with any deployer.
 * @param appName may have a deployer as prefix: `compose:shop/web`.
 * @throws OneoffError if several apps have the name
 */
export async function listProcesses(engine: Transport, appName: string): Promise<ProcessListing> {
  const name = unqualifiedName(appName);
  const { candidates, services } = await findMatches(engine, appName);
  if (services.length > 0) {
    const { chooseService } = await import("../swarm/services/find-service.ts");
    chooseService(name, { candidates, services });
    return { processes: [], down: [], from: "swarm", services };
  }
  const chosen = chooseContainer(name, candidates);
  return {
    processes: toProcesses(candidates),
    down: findShortfalls(candidates.map(({ container }) => container)),
    ...{ from: chosen?.from, services: [] },
  };
}

export function toProcesses(candidates: readonly Candidate[]): Process[] {
  const oldestFirst = [...candidates].sort((a, b) => a.container.Created - b.container.Created);
  const counts = new Map<string, number>();
  return oldestFirst.map((candidate) => {
    const { container } = candidate;
    const type = typeOf(candidate);
    const count = (counts.get(type) ?? 0) + 1;
    counts.set(type, count);
    return {
      id: container.Id,
      type,
      name: `${type}.${numberOf(candidate) ?? count}`,
      containerName: containerNameOf(container),
      ...stateOfContainer(container),
      command: maskCommand([container.Command]),
      created: container.Created,
    };
  });
}

/** Compose, Swarm and plain containers have no process types, so the name of the service or container is used. */
export const typeOf = ({ type, qualifiedName }: Candidate) =>
  type ?? qualifiedName.split(/[:/]/).at(-1) ?? qualifiedName;

/**
 * Reads the number from names such as `my-app.web.1`, `shop-web-1` and `api.1.x1y2z3`. Kamal's names end in a version.
 */
export function numberOf(candidate: Candidate): number | undefined {
  if (candidate.from === "kamal" || candidate.from === "container") return undefined;
  const [, number] = /[.-](\d+)(?:\.\w+)?$/.exec(containerNameOf(candidate.container)) ?? [];
  return number === undefined ? undefined : Number(number);
}
