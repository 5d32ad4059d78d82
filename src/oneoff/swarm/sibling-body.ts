import type { Mount } from "../../engine/mount-types.ts";
import type { ContainerSpec } from "../../engine/swarm/service-types.ts";
import type { ContainerCreateBody } from "../../engine/types.ts";

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
  const Mounts = [...(HostConfig.Mounts ?? []), ...fileMounts(files, host)];
  if (!host.sharesNetwork) return { ...body, HostConfig: { ...HostConfig, Mounts } };
  const { Hostname: _name, Domainname: _domain, ExposedPorts: _exposed, NetworkingConfig: _endpoints, ...rest } = body;
  const {
    Dns: _dns,
    DnsOptions: _options,
    DnsSearch: _search,
    ExtraHosts: _hosts,
    Links: _links,
    ...kept
  } = HostConfig;
  return { ...rest, HostConfig: { ...kept, Mounts, NetworkMode: `container:${host.container}` } };
}

type FileReferences = Pick<ContainerSpec, "Secrets" | "Configs">;

/** Secrets and configs lie in a folder of the task's container, with the owner and mode of the service. */
export function fileMounts({ Secrets, Configs }: FileReferences, { rootDir, container }: Host): Mount[] {
  const files = [
    ...(Secrets ?? []).map(({ SecretID, File }) => ({ id: SecretID, path: pathIn("/run/secrets/", File?.Name) })),
    ...(Configs ?? []).map(({ ConfigID, File }) => ({ id: ConfigID, path: pathIn("/", File?.Name) })),
  ];
  return files.flatMap(({ id, path }) =>
    path === undefined
      ? []
      : {
          Type: "bind" as const,
          Source: `${rootDir}/containers/${container}/mounts/secrets/${id}`,
          Target: path,
          ReadOnly: true,
        },
  );
}

const pathIn = (folder: string, name: string | undefined) =>
  name === undefined || name.startsWith("/") ? name : folder + name;
