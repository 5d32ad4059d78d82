import { containerPart } from "../../app/app-name.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { LABEL } from "../labels.ts";

/** A process type of an app that oneoff deployed, of which not all processes run. */
export interface Shortfall {
  readonly app: string;
  readonly type: string;
  readonly running: number;
  readonly wanted: number;
}

/** By app and type. A process that a deploy has not put in its place, or taken from it, is not part of what is live. */
export function shortfallsOf(containers: readonly ContainerSummary[]): Shortfall[] {
  const placed = containers.flatMap(({ Names, Labels, State }) => {
    const { [LABEL.app]: app = "", [LABEL.kind]: kind, [LABEL.name]: name, [LABEL.processType]: type = "" } = Labels;
    return kind === "process" && Names.includes(`/${containerPart(app)}.${name}`) ? [{ app, type, State }] : [];
  });
  return Map.groupBy(placed, ({ app, type }) => `${app} ${type}`)
    .values()
    .flatMap((processes) => {
      const running = processes.filter(({ State }) => State === "running").length;
      const [{ app, type } = { app: "", type: "" }] = processes;
      return running < processes.length ? [{ app, type, running, wanted: processes.length }] : [];
    })
    .toArray()
    .sort((a, b) => (`${a.app} ${a.type}` < `${b.app} ${b.type}` ? -1 : 1));
}

/** `worker: 0 of 1 running` */
export const shortfallText = ({ type, running, wanted }: Shortfall) => `${type}: ${running} of ${wanted} running`;
