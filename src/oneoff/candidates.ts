import type { Deployer } from "../app/app.ts";
import type { ContainerSummary } from "../engine/types.ts";
import { ambiguousApp } from "../errors.ts";
import { LABEL } from "./labels.ts";

/** A container that an app's name may mean. */
export interface Candidate {
  readonly from: Deployer;
  /** The words that pick this very app: `compose:shop/web`. */
  readonly pick: string;
  /** The process type, where the deployer has types. */
  readonly type: string | undefined;
  readonly container: ContainerSummary;
}

/** How each deployer marks its containers, and which of them are its own one-offs. */
interface Marks {
  readonly from: Exclude<Deployer, "container">;
  /** The labels that a container of the app `name` has, for the engine to filter by. `name` may be `project/service`. */
  filter(name: string): readonly string[];
  /** What picks the app again; undefined for a container that is not one of its processes. */
  app(labels: Labels, containerName: string): string | undefined;
  type(labels: Labels): string | undefined;
}

type Labels = Readonly<Record<string, string>>;

const halves = (name: string) => (name.includes("/") ? (name.split("/", 2) as [string, string]) : undefined);

export const DEPLOYERS: readonly Marks[] = [
  {
    from: "oneoff",
    filter: (name) => [`${LABEL.app}=${name}`, `${LABEL.kind}=process`],
    app: (labels) => (labels[LABEL.kind] === "process" ? labels[LABEL.app] : undefined),
    type: (labels) => labels[LABEL.processType],
  },
  {
    from: "dokku",
    filter: (name) => [`com.dokku.app-name=${name}`, "com.dokku.container-type=deploy"],
    app: (labels) => (labels["com.dokku.container-type"] === "deploy" ? labels["com.dokku.app-name"] : undefined),
    type: (labels) => labels["com.dokku.process-type"],
  },
  {
    from: "compose",
    filter(name) {
      const [project, service] = halves(name) ?? [undefined, name];
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
      const [app = "", role] = halves(name) ?? [name, undefined];
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
    filter: (name) => [`com.docker.swarm.service.name=${name}`],
    app: (labels) => labels["com.docker.swarm.service.name"],
    type: () => undefined,
  },
];

/** Whether a deployer's app is what `name` means: `web` means `shop/web` too, and `blog` means `blog@staging`. */
const means = (name: string, app: string) =>
  app === name || app.startsWith(`${name}@`) || (!name.includes("/") && app.endsWith(`/${name}`));

/** What `name` may mean among these containers. */
export function candidatesOf(name: string, containers: readonly ContainerSummary[]): Candidate[] {
  return containers.flatMap((container): Candidate[] => {
    // Links give a container more names, with a slash in them.
    const containerName = container.Names.map((one) => one.slice(1)).find((one) => !one.includes("/")) ?? "";
    const { Labels } = container;
    if (Labels[LABEL.kind] === "run") return [];
    for (const { from, app, type } of DEPLOYERS) {
      const found = app(Labels, containerName);
      const wanted = from === "kamal" ? (halves(name)?.[0] ?? name) : name;
      const role = from === "kamal" ? halves(name)?.[1] : undefined;
      if (found === undefined || !means(wanted, found) || (role && type(Labels) !== role)) continue;
      return [{ from, pick: `${from}:${found}`, type: type(Labels), container }];
    }
    return containerName === name ? [{ from: "container", pick: `container:${name}`, type: undefined, container }] : [];
  });
}

/**
 * The container to copy: one that runs before one that does not, `web` before other process types, then the newest.
 * @throws OneoffError when different apps have the name, with the words that pick each.
 */
export function choose(name: string, candidates: readonly Candidate[]): Candidate | undefined {
  const picks = [...new Set(candidates.map(({ pick }) => pick))].sort();
  if (picks.length > 1) throw ambiguousApp(name, picks);
  const rank = ({ type, container }: Candidate) => [
    container.State === "running",
    type === "web" || !type,
    container.Created,
  ];
  return [...candidates].sort((a, b) => compare(rank(b), rank(a)))[0];
}

function compare(a: readonly (boolean | number)[], b: readonly (boolean | number)[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : Number(a[at]) - Number(b[at]);
}
