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

/** Sorted by app and type. Candidates and old processes of a rollout are not live and therefore ignored. */
export function findShortfalls(containers: readonly ContainerSummary[]): Shortfall[] {
  const live = containers.flatMap(({ Names, Labels, State }) => {
    const {
      [LABEL.app]: app = "",
      [LABEL.kind]: kind,
      [LABEL.name]: name,
      [LABEL.processType]: processType = "",
    } = Labels;
    return kind === "process" && Names.includes(`/${containerPart(app)}.${name}`) ? [{ app, processType, State }] : [];
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
