import type { Mount } from "../../../engine/mount-types.ts";
import type { ContainerSpec } from "../../../engine/swarm/service-types.ts";
import type { ContainerCreateBody } from "../../../engine/types.ts";

/** A task whose files, and if requested network, a container uses. */
export interface Host {
  readonly container: string;
  /** The data folder of its engine. */
  readonly rootDir: string;
  readonly sharesNetwork: boolean;
}

/**
 * The create request of a container beside a holder. The owner of a network has its host name, DNS and ports: engines
 * refuse them for a container that shares it.
 */
export function siblingBody(body: ContainerCreateBody, host: Host, files: FileReferences): ContainerCreateBody {
  const { HostConfig } = body;
  const mounts = fileMounts(files, host);
  const binds = mounts.filter(({ Target }) => !Target.includes(":")).map(toBind);
  const typed = mounts.filter(({ Target }) => Target.includes(":"));
  const mounted = {
    ...(binds.length > 0 && { Binds: [...(HostConfig.Binds ?? []), ...binds] }),
    ...(typed.length > 0 && { Mounts: [...(HostConfig.Mounts ?? []), ...typed] }),
  };
  if (!host.sharesNetwork) return { ...body, HostConfig: { ...HostConfig, ...mounted } };
  const { Hostname: _name, Domainname: _domain, ExposedPorts: _exposed, NetworkingConfig: _endpoints, ...rest } = body;
  const {
    Dns: _dns,
    DnsOptions: _options,
    DnsSearch: _search,
    ExtraHosts: _hosts,
    Links: _links,
    ...kept
  } = HostConfig;
  return { ...rest, HostConfig: { ...kept, ...mounted, NetworkMode: `container:${host.container}` } };
}

type FileReferences = Pick<ContainerSpec, "Secrets" | "Configs">;

/** Whether the files must exist before the container is created: a path with a colon needs a typed mount. */
export const needsFilesFirst = (files: FileReferences): boolean =>
  fileMounts(files, { rootDir: "", container: "" }).some(({ Target }) => Target.includes(":"));

const toBind = ({ Source, Target }: Mount) => `${Source}:${Target}:ro`;

/**
 * Secrets and configs lie in a folder of the task's container, with the owner and mode of the service. Unlike a typed
 * mount, a bind is accepted before the task has started.
 */
function fileMounts(
  { Secrets, Configs }: FileReferences,
  { rootDir, container }: Omit<Host, "sharesNetwork">,
): Mount[] {
  const files = [
    ...(Secrets ?? []).map(({ SecretID, File }) => [SecretID, pathIn("/run/secrets/", File?.Name)] as const),
    ...(Configs ?? []).map(({ ConfigID, File }) => [ConfigID, pathIn("/", File?.Name)] as const),
  ];
  const folder = `${rootDir}/containers/${container}/mounts/secrets`;
  return files.flatMap(([id, Target]) =>
    Target === undefined ? [] : { Type: "bind", Source: `${folder}/${id}`, Target, ReadOnly: true },
  );
}

const pathIn = (folder: string, name: string | undefined) =>
  name === undefined || name.startsWith("/") ? name : folder + name;
