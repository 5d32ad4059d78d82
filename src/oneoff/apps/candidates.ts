import type { Deployer } from "../../app/app.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { ambiguousApp } from "../../errors/apps.ts";
import { LABEL } from "../../identity/labels.ts";
import { containerNameOf, isOwn, type Labels, labelOf } from "../../identity/ownership.ts";

/** A container that an app's name may mean. */
export interface Candidate {
  readonly from: Deployer;
  /** The words that qualifiedName this very app: `compose:shop/web`. */
  readonly qualifiedName: string;
  /** The process type, where the deployer has types. */
  readonly type: string | undefined;
  readonly container: ContainerSummary;
}

/** How each deployer marks its containers, and which of them are its own one-offs. */
interface DeployerLabels {
  readonly from: Exclude<Deployer, "container">;
  /**
   * The labels that a container of the app `name` has, for the engine to filter by. `name` may be `project/service`.
   * Undefined for a name that no app of theirs has.
   */
  filter(name: string): readonly string[] | undefined;
  /** What picks the app again; undefined for a container that is not one of its processes. */
  app(labels: Labels, containerName: string): string | undefined;
  type(labels: Labels): string | undefined;
}

/** Those with nothing but letters, digits, `.`, `_` and `-` in them. */
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
    // Two destinations of a service are two apps: staging and production may share a host.
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
  },
];

/** A deployer that has marked a container as one of its processes. */
export interface DeployerMatch extends Pick<Candidate, "type"> {
  readonly from: Deployer;
  /** What picks the app among its own: `shop/web`. */
  readonly app: string;
}

/** Whose a container is; nobody's but its own name's when there are no marks. None of ours but processes is here. */
export function matchDeployers(container: ContainerSummary): DeployerMatch[] {
  const { Labels } = container;
  const name = containerNameOf(container);
  const kind = isOwn(container) ? Labels[LABEL.kind] : undefined;
  if (kind !== undefined && kind !== "process") return [];
  const marks = DEPLOYERS.flatMap(({ from, app, type }): DeployerMatch[] => {
    const found = from === "oneoff" && kind === undefined ? undefined : app(Labels, name);
    return found === undefined ? [] : [{ from, app: found, type: type(Labels) }];
  });
  // While it is removed it has no name.
  return name === "" ? marks : [...marks, { from: "container", app: name, type: undefined }];
}

/** Where the words for an app say that it is from, if they do, and its name: `compose:shop/web`. */
export function parseQualifiedName(picked: string): { readonly from: string | undefined; readonly name: string } {
  const [, from, name = picked] = /^([a-z]+):(.+)$/.exec(picked) ?? [];
  return { from, name };
}

/** What `picked` may mean among these containers. What picks one app means no other whose name only begins with its. */
export function matchCandidates(picked: string, containers: readonly ContainerSummary[]): Candidate[] {
  const { from, name } = parseQualifiedName(picked);
  const meant = containers.flatMap((container) => {
    const mark = matchDeployers(container).find(
      (one) => (from === undefined || one.from === from) && appNamesOf(one).includes(name),
    );
    return mark ? [{ from: mark.from, qualifiedName: `${mark.from}:${mark.app}`, type: mark.type, container }] : [];
  });
  const very = meant.filter(({ qualifiedName }) => qualifiedName === picked);
  return very.length > 0 ? very : meant;
}

/** All that means an app: `web` means `shop/web` too, `blog` means `blog@staging`, and `blog/job` a role of Kamal's. */
export function appNamesOf({ from, app, type }: DeployerMatch): string[] {
  if (from === "container") return [app];
  const [withoutDestination = app] = app.split("@");
  const words = [app, withoutDestination, app.slice(app.lastIndexOf("/") + 1)];
  return from === "kamal" ? [...words, ...words.map((word) => `${word}/${type}`)] : words;
}

/**
 * The container to copy: one that runs before one that does not, `web` before other process types, then the newest.
 * @throws OneoffError when different apps have the name, with the words that qualifiedName each.
 */
export function chooseContainer(name: string, candidates: readonly Candidate[]): Candidate | undefined {
  const picks = [...new Set(candidates.map(({ qualifiedName }) => qualifiedName))].sort();
  if (picks.length > 1) throw ambiguousApp(name, picks);
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
