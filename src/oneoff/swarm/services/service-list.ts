import type { Transport } from "../../../engine/transport.ts";
import type { ProcessCount } from "../../apps/process-counts.ts";
import { chooseService, listServiceApps } from "./find-service.ts";
import { qualifiedServiceName, type ServiceApp, serviceAppNames } from "./service-app.ts";

/** Services that are one app, as `apps` lists it. */
export interface ListedService {
  /** The app, if oneoff deployed the services. */
  readonly own: string | undefined;
  /** `shop_web` */
  readonly name: string;
  readonly qualifiedName: string;
  /** All names that the app can be found by. */
  readonly names: readonly string[];
  readonly image: string;
  readonly state: "running" | "stopped";
  readonly created: number;
  readonly processes: readonly ProcessCount[];
}

/** Lists the services of the whole Swarm. @returns undefined on an engine that is not a manager */
export async function listServiceRows(engine: Transport): Promise<ListedService[] | undefined> {
  const services = await listServiceApps(engine, true);
  return typeof services === "string" ? undefined : toServiceRows(services);
}

/** @param appName with the deployer. @returns undefined for an ambiguous name, which is reported when the app is run. */
export function findServiceRow(appName: string, rows: readonly ListedService[]): ListedService | undefined {
  const isNamed = ({ names }: ListedService) => names.some((name) => `swarm:${name}` === appName);
  const [row, ...others] = rows.filter(isNamed);
  return rows.find(({ qualifiedName }) => qualifiedName === appName) ?? (others.length === 0 ? row : undefined);
}

/** The services of an app that oneoff deployed are one row. */
export const toServiceRows = (services: readonly ServiceApp[]): ListedService[] =>
  Array.from(Map.groupBy(services, qualifiedServiceName), ([qualifiedName, same]): ListedService => {
    const { service, own } = chooseService(qualifiedName, { candidates: [], services: same });
    const processes = same.map(countTasks).sort((a, b) => (a.processType < b.processType ? -1 : 1));
    return {
      own: own?.app,
      name: own?.app ?? service.Spec.Name,
      qualifiedName,
      names: [...new Set(same.flatMap(serviceAppNames))],
      // The tag, without the digest that docker has added.
      image: (service.Spec.TaskTemplate.ContainerSpec?.Image ?? "").replace(/@sha256:\w+$/, ""),
      state: processes.some(({ running }) => running > 0) ? "running" : "stopped",
      created: Date.parse(service.CreatedAt) / 1000,
      processes,
    };
  });

function countTasks({ service, own }: ServiceApp): ProcessCount {
  const { RunningTasks = 0, DesiredTasks = 0 } = service.ServiceStatus ?? {};
  // During an update, tasks that are being stopped are running, too.
  return {
    processType: own?.type ?? service.Spec.Name,
    running: Math.min(RunningTasks, DesiredTasks),
    total: DesiredTasks,
  };
}
