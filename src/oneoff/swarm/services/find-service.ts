import type { Service } from "../../../engine/swarm/service-types.ts";
import type { Transport } from "../../../engine/transport.ts";
import { ambiguousApp, notDeployedHere } from "../../../errors/apps.ts";
import { deployedToSwarm } from "../../../errors/swarm.ts";
import { type Candidate, type Matches, parseQualifiedName, serviceIdOf } from "../../apps/candidates.ts";
import { askServices, type NoServices } from "./manager-services.ts";
import { isOwnService, qualifiedServiceName, type ServiceApp, serviceAppNames, toServiceApp } from "./service-app.ts";

/**
 * Lists the services of the whole Swarm that are apps: all but oneoff's own one-offs and holders.
 * @param status whether to count the tasks of each service.
 */
export async function listServiceApps(engine: Transport, status = false): Promise<ServiceApp[] | NoServices> {
  const services = await askServices(engine, {}, status);
  return typeof services === "string" ? services : serviceAppsAmong(services);
}

/** The services that are apps. */
export const serviceAppsAmong = (services: readonly Service[]): ServiceApp[] =>
  services.map(toServiceApp).filter(({ service, own }) => own !== undefined || !isOwnService(service));

/**
 * Adds the services that match an app name to the containers that match it. An exact qualified name takes precedence over
 * other matches. Containers of removed services are dropped, unless the container itself is named.
 */
export function matchServices(
  appName: string,
  candidates: readonly Candidate[],
  services: readonly ServiceApp[] | NoServices,
): Matches {
  if (typeof services === "string") return { candidates, services: [] };
  const { from, name } = parseQualifiedName(appName);
  const taskOf = new Set(candidates.map(({ container }) => serviceIdOf(container)));
  const matches = services.filter(
    (one) => taskOf.has(one.service.ID) || (from !== "container" && serviceAppNames(one).includes(name)),
  );
  const exact = matches.filter((one) => qualifiedServiceName(one) === appName);
  const known = new Set(services.map(({ service }) => service.ID));
  return {
    services: exact.length > 0 ? exact : matches,
    candidates: candidates.filter(({ from, container }) => {
      const service = serviceIdOf(container);
      return service === undefined || known.has(service) || from === "container";
    }),
  };
}

/**
 * Selects the service to copy: process type `web` first, then the newest.
 * @param matches with at least one service. @throws OneoffError with the qualified names if several apps have the name
 */
export function chooseService(name: string, { candidates, services }: Matches, command?: string): ServiceApp {
  const others = candidates.filter(({ container }) => serviceIdOf(container) === undefined);
  const names = [...others.map(({ qualifiedName }) => qualifiedName), ...services.map(qualifiedServiceName)];
  const qualifiedNames = [...new Set(names)].sort();
  if (qualifiedNames.length > 1) throw ambiguousApp(name, qualifiedNames, command);
  return services.reduce((best, one) => (isBefore(one, best) ? one : best));
}

function isBefore(a: ServiceApp, b: ServiceApp): boolean {
  const isFirst = ({ own }: ServiceApp) => own === undefined || own.type === "web";
  if (isFirst(a) !== isFirst(b)) return isFirst(a);
  return Date.parse(a.service.CreatedAt) > Date.parse(b.service.CreatedAt);
}

/**
 * @param isForSwarm whether the services of the app itself are deployed.
 * @throws OneoffError if a service has the name of an app that is deployed: it would be hidden
 */
export async function requireNoService(engine: Transport, app: string, isForSwarm = false): Promise<void> {
  const services = await listServiceApps(engine);
  for (const { service, own } of typeof services === "string" ? [] : services) {
    if (own?.app === app && !isForSwarm) throw deployedToSwarm(app);
    if (service.Spec.Name === app) throw notDeployedHere(app, { deployer: "swarm", name: app }, "deploy");
  }
}
