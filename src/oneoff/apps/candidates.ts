import type { Deployer } from "../../app/app.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { ambiguousApp } from "../../errors/apps.ts";
import { LABEL } from "../../identity/labels.ts";
import { containerNameOf, isOwn, type Labels, labelOf } from "../../identity/ownership.ts";
import { type ServiceApp, STACK_LABEL, serviceNames } from "../swarm/services/service-app.ts";

/** A container that matches an app name. */
export interface Candidate {
  readonly from: Deployer;
  /** The unambiguous name of the app: `compose:shop/web`. */
  readonly qualifiedName: string;
  /** Undefined if the deployer has no process types. */
  readonly type: string | undefined;
  readonly container: ContainerSummary;
}

/** What an app name matches. */
export interface Matches {
  /** Containers, also of tasks on this node. */
  readonly candidates: readonly Candidate[];
  /** Services of the whole Swarm; empty on an engine that is no manager. */
  readonly services: readonly ServiceApp[];
}

/** The labels with which a deployer marks its containers. */
interface DeployerLabels {
  readonly from: Exclude<Deployer, "container">;
  /**
   * Label filters for containers of an app. The name may be `project/service`.
   * @returns undefined if the name is not valid for an app of the deployer.
   */
  filter(name: string): readonly string[] | undefined;
  /** The app name; undefined if the container is not a process, e.g. a one-off of the deployer. */
  app(labels: Labels, containerName: string): string | undefined;
  type(labels: Labels): string | undefined;
  /** Further names of the app. */
  names?(labels: Labels, app: string): readonly string[];
}

const isPlain = (name: string) => /^[\w.-]+$/.test(name);

const splitName = (name: string) => (name.includes("/") ? (name.split("/", 2) as [string, string]) : undefined);

export const DEPLOYERS: readonly DeployerLabels[] = [
  {
    from: "oneoff",
    filter: (name) => (isPlain(name) ? [`${LABEL.app}=${name}`, `${LABEL.kind}=process`] : undefined),
    app: (labels) => (labels[LABEL.kind] === "process" ? labels[LABEL.app] : undefined),
    type: (labels) => labelOf(labels, LABEL.processType),
  },
  {
    from: "dokku",
    filter: (name) => (isPlain(name) ? [`com.dokku.app-name=${name}`, "com.dokku.container-type=deploy"] : undefined),
    app: (labels) => (labels["com.dokku.container-type"] === "deploy" ? labels["com.dokku.app-name"] : undefined),
    type: (labels) => labels["com.dokku.process-type"],
  },
  {
    from: "compose",
    filter(name) {
      if (name.includes("@")) return undefined;
      const [project, service] = splitName(name) ?? [undefined, name];
      return [
        `com.docker.compose.service=${service}`,
        ...(project === undefined ? [] : [`com.docker.compose.project=${project}`]),
      ];
    },
    app(labels) {
      const project = labels["com.docker.compose.project"];
      const service = labels["com.docker.compose.service"];
      return project && service && labels["com.docker.compose.oneoff"] !== "True" ? `${project}/${service}` : undefined;
    },
    type: () => undefined,
  },
  {
    from: "kamal",
    filter(name) {
      const [app = "", role] = splitName(name) ?? [name, undefined];
      const [service, destination] = app.split("@");
      return [
        `service=${service}`,
        role === undefined ? "role" : `role=${role}`,
        ...(destination === undefined ? [] : [`destination=${destination}`]),
      ];
    },
    // Each destination of a service is an app: staging and production may share a host.
    app: ({ service, role, destination }, containerName) =>
      role && !/-exec-.+-[0-9a-f]{6}$/.test(containerName)
        ? `${service}${destination ? `@${destination}` : ""}`
        : undefined,
    type: ({ role }) => role,
  },
  {
    from: "swarm",
    filter: (name) => (isPlain(name) ? [`com.docker.swarm.service.name=${name}`] : undefined),
    app: (labels) => labels["com.docker.swarm.service.name"],
    type: () => undefined,
    names: (labels, app) => serviceNames(app, labelOf(labels, STACK_LABEL)),
  },
];

/** A deployer whose labels mark a container as one of its processes. */
export interface DeployerMatch extends Pick<Candidate, "type"> {
  readonly from: Deployer;
  /** The name of the app without the deployer: `shop/web`. */
  readonly app: string;
  /** Further names of the app. */
  readonly names?: readonly string[];
}

/** Matches a container against all deployers, and against its own name. Of oneoff's containers only processes match. */
export function matchDeployers(container: Pick<ContainerSummary, "Names" | "Labels">): DeployerMatch[] {
  const { Labels } = container;
  const name = containerNameOf(container);
  const kind = isOwn(container) ? Labels[LABEL.kind] : undefined;
  if (kind !== undefined && kind !== "process") return [];
  const matches = DEPLOYERS.flatMap(({ from, app, type, names }): DeployerMatch[] => {
    const appName = from === "oneoff" && kind === undefined ? undefined : app(Labels, name);
    if (appName === undefined) return [];
    return [{ from, app: appName, type: type(Labels), ...(names && { names: names(Labels, appName) }) }];
  });
  // A container has no name during its removal.
  return name === "" ? matches : [...matches, { from: "container", app: name, type: undefined }];
}

/** Splits `compose:shop/web` into deployer and name. */
export function parseQualifiedName(appName: string): { readonly from: string | undefined; readonly name: string } {
  const [, from, name = appName] = /^([a-z]+):(.+)$/.exec(appName) ?? [];
  return { from, name };
}

/** Selects the containers that match an app name. An exact qualified name takes precedence over other matches. */
export function matchCandidates(appName: string, containers: readonly ContainerSummary[]): Candidate[] {
  const { from, name } = parseQualifiedName(appName);
  const matches = containers.flatMap((container) => {
    const match = matchDeployers(container).find(
      (one) => (from === undefined || one.from === from) && appNamesOf(one).includes(name),
    );
    return match
      ? [{ from: match.from, qualifiedName: `${match.from}:${match.app}`, type: match.type, container }]
      : [];
  });
  const exact = matches.filter(({ qualifiedName }) => qualifiedName === appName);
  return exact.length > 0 ? exact : matches;
}

/** All names of an app: `web` for `shop/web`, `blog` for `blog@staging`, and `blog/job` for a role of Kamal. */
export function appNamesOf({ from, app, type, names: further = [] }: DeployerMatch): string[] {
  if (from === "container") return [app];
  const [withoutDestination = app] = app.split("@");
  const names = [app, withoutDestination, app.slice(app.lastIndexOf("/") + 1), ...further];
  return from === "kamal" ? [...names, ...names.map((name) => `${name}/${type}`)] : names;
}

/** The ID of the Swarm service whose task the container is. */
export const serviceIdOf = ({ Labels }: Pick<ContainerSummary, "Labels">): string | undefined =>
  labelOf(Labels, "com.docker.swarm.service.id");

/**
 * Selects the container to copy: running ones first, then process type `web`, then the newest.
 * @throws OneoffError with the qualified names if several apps have the name
 */
export function chooseContainer(
  name: string,
  candidates: readonly Candidate[],
  command?: string,
): Candidate | undefined {
  const qualifiedNames = [...new Set(candidates.map(({ qualifiedName }) => qualifiedName))].sort();
  if (qualifiedNames.length > 1) throw ambiguousApp(name, qualifiedNames, command);
  const rank = ({ type, container }: Candidate) => [
    container.State === "running",
    type === "web" || !type,
    container.Created,
  ];
  return [...candidates].sort((a, b) => compareRanks(rank(b), rank(a)))[0];
}

function compareRanks(a: readonly (boolean | number)[], b: readonly (boolean | number)[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : Number(a[at]) - Number(b[at]);
}
