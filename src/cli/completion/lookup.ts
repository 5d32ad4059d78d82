import { listContainers } from "../../engine/containers.ts";
import type { Service } from "../../engine/swarm/service-types.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { listLiveContainers } from "../../oneoff/lookup/find-oneoff.ts";
import { managerServices } from "../../oneoff/swarm/services/manager-services.ts";
import type { Context } from "../context.ts";
import type { Expected, Suggestion } from "./expected.ts";

export interface Lookup extends Pick<Expected, "app" | "config"> {
  readonly engine: Transport;
  readonly context: Context;
  readonly lists: EngineLists;
}

export type Suggest = (lookup: Lookup) => Promise<Suggestion[]>;

/** Lists that several sources of suggestions need. Each is requested once, when it is needed first. */
interface EngineLists {
  all(): Promise<readonly ContainerSummary[]>;
  /** Containers that have not exited: the engine reads many exited ones in tens of milliseconds. */
  live(): Promise<readonly ContainerSummary[]>;
  /** Undefined on an engine that is not a manager. */
  services(): Promise<readonly Service[] | undefined>;
}

export type ContainerList = "all" | "live";

export function engineLists(engine: Transport): EngineLists {
  const once = <T>(request: () => Promise<T>) => {
    let answer: Promise<T> | undefined;
    return () => (answer ??= request());
  };
  return {
    all: once(() => listContainers(engine, {})),
    live: once(() => listLiveContainers(engine)),
    services: once(() => managerServices(engine, {}, true)),
  };
}
