import type { Mount } from "../../../engine/mount-types.ts";
import type { ContainerSpec, Service, ServicePrivileges, TaskTemplate } from "../../../engine/swarm/service-types.ts";
import type { HostConfig } from "../../../engine/types.ts";
import type { ContainerCopy } from "../../apps/copy.ts";
import { setFields } from "../../compose/set-fields.ts";
import { expandTemplate, type TemplateNode } from "./service-templates.ts";

/** Facts besides the service that a copy depends on. */
export interface CopyFacts {
  readonly node: TemplateNode;
  /** The names of the service's networks. */
  readonly networks: readonly string[];
}

export interface ServiceCopy {
  readonly copy: ContainerCopy;
  /** Variables and mounts that a container does not get, because they depend on the task: `variable SLOT`. */
  readonly omitted: readonly string[];
}

/** The settings of a service as if copied from a container of its next task, without secrets and configs. */
export function copyServiceSpec(service: Service, { node, networks }: CopyFacts): ServiceCopy {
  const { ContainerSpec: container = { Image: "" }, Resources } = service.Spec.TaskTemplate;
  const expand = (text: string) => expandTemplate(text, service, node);
  const env = (container.Env ?? []).map((pair) => [pair, expandVariable(pair, expand)] as const);
  const hostname = expand(container.Hostname ?? "");
  const mounts = (container.Mounts ?? []).map((mount) => [mount, expandMount(mount, expand)] as const);
  return {
    copy: {
      image: container.Image,
      env: env.flatMap(([, pair]) => pair ?? []),
      user: container.User ?? "",
      workingDir: container.Dir ?? "",
      entrypoint: container.Command?.length ? container.Command : null,
      ...setFields({ hostname, stopSignal: container.StopSignal }),
      ...(container.StopGracePeriod !== undefined && { stopTimeout: Math.ceil(container.StopGracePeriod / 1e9) }),
      hostConfig: {
        Mounts: mounts.flatMap(([, mount]) => mount ?? []),
        ...hostSettings(container),
        ...limits(Resources),
      },
      networks,
    },
    omitted: [
      ...env.flatMap(([pair, known]) => (known === undefined ? `variable ${pair.replace(/=.*$/s, "")}` : [])),
      ...mounts.flatMap(([{ Target }, known]) => (known === undefined ? `mount ${Target}` : [])),
    ],
  };
}

type Expand = (text: string) => string | undefined;

/** Only values have placeholders. */
function expandVariable(pair: string, expand: Expand): string | undefined {
  const at = pair.indexOf("=") + 1;
  const value = at === 0 ? "" : expand(pair.slice(at));
  return value === undefined ? undefined : at === 0 ? pair : pair.slice(0, at) + value;
}

/** @returns undefined also for a volume of the cluster, which a container cannot mount */
function expandMount(mount: Mount, expand: Expand): Mount | undefined {
  const [Source, Target] = [expand(mount.Source ?? ""), expand(mount.Target)];
  if (Source === undefined || Target === undefined || !MOUNT_TYPES.has(mount.Type)) return undefined;
  return { ...mount, Target, ...(Source && { Source }) };
}

const MOUNT_TYPES: ReadonlySet<string> = new Set(["bind", "volume", "tmpfs", "image"]);

const hostSettings = (container: ContainerSpec): Partial<HostConfig> =>
  setFields({
    Dns: container.DNSConfig?.Nameservers,
    DnsOptions: container.DNSConfig?.Options,
    DnsSearch: container.DNSConfig?.Search,
    ExtraHosts: (container.Hosts ?? []).flatMap(extraHosts),
    GroupAdd: container.Groups,
    ReadonlyRootfs: container.ReadOnly,
    CapAdd: container.CapabilityAdd,
    CapDrop: container.CapabilityDrop,
    Sysctls: container.Sysctls,
    Ulimits: container.Ulimits,
    OomScoreAdj: container.OomScoreAdj,
    SecurityOpt: securityOptions(container.Privileges ?? {}),
  });

/** `10.0.0.1 db alias` is `db:10.0.0.1` and `alias:10.0.0.1` for a container. */
function extraHosts(line: string): string[] {
  const [address = "", ...names] = line.trim().split(/\s+/);
  return names.map((name) => `${name}:${address}`);
}

/** Swarm has fields for the options that docker writes as text. */
const securityOptions = ({
  NoNewPrivileges,
  Seccomp,
  AppArmor,
  SELinuxContext: label,
}: ServicePrivileges): string[] => [
  ...(NoNewPrivileges ? ["no-new-privileges"] : []),
  ...(Seccomp?.Mode === "unconfined" ? ["seccomp=unconfined"] : []),
  ...(Seccomp?.Mode === "custom" ? [`seccomp=${Buffer.from(Seccomp.Profile ?? "", "base64").toString()}`] : []),
  ...(AppArmor?.Mode === "disabled" ? ["apparmor=unconfined"] : []),
  ...(label?.Disable ? ["label=disable"] : []),
  ...(["User", "Role", "Type", "Level"] as const).flatMap((key) =>
    label?.[key] ? `label=${key.toLowerCase()}:${label[key]}` : [],
  ),
];

/** Reservations are the scheduler's only. */
const limits = (resources: TaskTemplate["Resources"]): Partial<HostConfig> =>
  setFields({
    NanoCpus: resources?.Limits?.NanoCPUs,
    Memory: resources?.Limits?.MemoryBytes,
    PidsLimit: resources?.Limits?.Pids,
  });
