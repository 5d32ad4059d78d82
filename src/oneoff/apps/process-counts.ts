import type { Candidate } from "./candidates.ts";
import { isLiveProcess } from "./degraded.ts";
import { numberOf, typeOf } from "./processes.ts";

/** How many processes of a type run, of those that the deployer has created. */
export interface ProcessCount {
  readonly processType: string;
  readonly running: number;
  readonly total: number;
}

/**
 * Processes of an app by type. Ignores containers that were replaced: Swarm keeps the exited tasks of a
 * replica, and Kamal the stopped containers of earlier versions. A container without a deployer has no types.
 */
export function countProcesses(candidates: readonly Candidate[]): ProcessCount[] {
  const current = candidates.filter(({ from, container }) =>
    from === "oneoff" ? isLiveProcess(container) : from !== "container",
  );
  return Array.from(Map.groupBy(current, typeOf), ([processType, containers]) => {
    // Kamal and global services of Swarm have one process of a type on an engine, without a number.
    const byNumber = Map.groupBy(containers, (one) => numberOf(one) ?? 1);
    const running = byNumber.values().filter((same) => same.some(({ container }) => container.State === "running"));
    return { processType, running: running.toArray().length, total: byNumber.size };
  }).sort((a, b) => (a.processType < b.processType ? -1 : 1));
}

/** `web 2/2, worker 0/1` */
export const formatCounts = (counts: readonly ProcessCount[]): string =>
  counts.map(({ processType, running, total }) => `${processType} ${running}/${total}`).join(", ");
