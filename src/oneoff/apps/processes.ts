import { maskCommand } from "../../app/secrets/mask.ts";
import type { Transport } from "../../engine/transport.ts";
import { containerNameOf } from "../../identity/ownership.ts";
import { type Oneoff, stateOfContainer } from "../lookup/oneoff.ts";
import { type Candidate, chooseContainer } from "./candidates.ts";
import { findCandidates, unqualifiedName } from "./find.ts";
import { findShortfalls, type Shortfall } from "./shortfalls.ts";

/** A container of an app that is no one-off: part of what was deployed. */
export interface Process extends Pick<Oneoff, "id" | "containerName" | "state" | "code" | "command" | "created"> {
  readonly type: string;
  /** `web.1` */
  readonly name: string;
}

/**
 * Those of an app, ended ones included, whatever deployed it.
 * @param picked its name, also one that says where it is from: `compose:shop/web`.
 * @throws OneoffError when different apps have the name.
 */
export async function listProcesses(
  engine: Transport,
  picked: string,
): Promise<{ readonly processes: Process[]; readonly down: Shortfall[] }> {
  const candidates = await findCandidates(engine, picked);
  chooseContainer(unqualifiedName(picked), candidates);
  return { processes: toProcesses(candidates), down: findShortfalls(candidates.map(({ container }) => container)) };
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

/** Where the deployer has no types the app is one process: a service of Compose or Swarm, or a container alone. */
const typeOf = ({ type, qualifiedName }: Candidate) => type ?? qualifiedName.split(/[:/]/).at(-1) ?? qualifiedName;

/** As its deployer counts: `my-app.web.1`, `shop-web-1`, `api.1.x1y2z3`. Kamal's names end in a version, others in anything. */
function numberOf(candidate: Candidate): number | undefined {
  if (candidate.from === "kamal" || candidate.from === "container") return undefined;
  const [, number] = /[.-](\d+)(?:\.\w+)?$/.exec(containerNameOf(candidate.container)) ?? [];
  return number === undefined ? undefined : Number(number);
}
