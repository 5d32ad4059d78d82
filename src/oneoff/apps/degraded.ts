import { containerPart } from "../../app/app-name.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { LABEL } from "../../identity/labels.ts";

/** A process type of an app deployed by oneoff with fewer running processes than desired. */
export interface Shortfall {
  readonly app: string;
  readonly processType: string;
  readonly running: number;
  readonly desired: number;
}

/** Whether a container is a process of oneoff that is neither a candidate nor an old process of a rollout. */
export const isLiveProcess = ({ Names, Labels }: ContainerSummary): boolean =>
  Labels[LABEL.kind] === "process" &&
  Names.includes(`/${containerPart(Labels[LABEL.app] ?? "")}.${Labels[LABEL.name]}`);

/** Sorted by app and type. */
export function findShortfalls(containers: readonly ContainerSummary[]): Shortfall[] {
  const live = containers.filter(isLiveProcess).map(({ Labels, State }) => {
    const { [LABEL.app]: app = "", [LABEL.processType]: processType = "" } = Labels;
    return { app, processType, State };
  });
  return Map.groupBy(live, ({ app, processType }) => `${app} ${processType}`)
    .values()
    .flatMap((processes) => {
      const running = processes.filter(({ State }) => State === "running").length;
      const [{ app, processType } = { app: "", processType: "" }] = processes;
      return running < processes.length ? [{ app, processType, running, desired: processes.length }] : [];
    })
    .toArray()
    .sort((a, b) => (`${a.app} ${a.processType}` < `${b.app} ${b.processType}` ? -1 : 1));
}

/** `worker: 0 of 1 running` */
export const formatShortfall = ({ processType, running, desired }: Shortfall) =>
  `${processType}: ${running} of ${desired} running`;
