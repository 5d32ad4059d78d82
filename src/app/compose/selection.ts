import { noComposeService } from "../../errors/compose.ts";
import type { Services, WholeProject } from "./consistency.ts";
import type { ComposeProject } from "./project.ts";
import type { ComposeService } from "./service.ts";

type Named = Readonly<Record<string, ComposeService>>;

const own = (services: Named, name: string) => (Object.hasOwn(services, name) ? services[name] : undefined);

const hasProfile = ({ profiles = [] }: ComposeService, active: readonly string[]) =>
  profiles.length === 0 || active.includes("*") || profiles.some((profile) => active.includes(profile));

/** Services of the active profiles. */
export function withProfiles(services: Named, active: readonly string[]): Services {
  const split = (isEnabled: boolean) =>
    Object.fromEntries(Object.entries(services).filter(([, one]) => hasProfile(one, active) === isEnabled));
  return { enabled: split(true), disabled: split(false) };
}

/**
 * The chosen services and their dependencies; all enabled ones if none is chosen. The profiles of a chosen service are
 * active.
 */
export function selected(
  { enabled, disabled }: Services,
  active: readonly string[],
  chosen: readonly string[],
  file: string,
): Named {
  if (chosen.length === 0) return enabled;
  const profiles = chosen.flatMap((name) => own(disabled, name)?.profiles ?? []);
  const services = withProfiles({ ...enabled, ...disabled }, [...active, ...profiles]).enabled;
  const names = new Set<string>();
  const add = (name: string, isRequired: boolean) => {
    const service = own(services, name);
    if (!service && isRequired) throw noComposeService(name, file, Object.keys({ ...enabled, ...disabled }));
    if (!service || names.has(name)) return;
    names.add(name);
    for (const [other, { required }] of Object.entries(service.depends_on ?? {})) add(other, required);
  };
  for (const name of chosen) add(name, true);
  return Object.fromEntries(
    Object.entries(services)
      .filter(([name]) => names.has(name))
      .map(([name, service]) => [name, withDependencies(service, names)]),
  );
}

function withDependencies(service: ComposeService, names: ReadonlySet<string>): ComposeService {
  const { depends_on: all = {}, ...rest } = service;
  const kept = Object.entries(all).filter(([name]) => names.has(name));
  return kept.length > 0 ? { ...rest, depends_on: Object.fromEntries(kept) } : rest;
}

/** Without resources that no service uses, and without models. */
export function withUsedResources(project: WholeProject): ComposeProject {
  const services = Object.values(project.services);
  const used = {
    networks: services.flatMap(({ networks = {} }) => Object.keys(networks)),
    volumes: services.flatMap(({ volumes = [] }) =>
      volumes.flatMap(({ type, source = "" }) => (type === "volume" ? [source] : [])),
    ),
    secrets: services.flatMap(({ secrets = [], build }) =>
      [...secrets, ...(build?.secrets ?? [])].map(({ source = "" }) => source),
    ),
    configs: services.flatMap(({ configs = [] }) => configs.map(({ source = "" }) => source)),
  };
  const kept = (["networks", "volumes", "secrets", "configs"] as const).flatMap((kind) => {
    const entries = Object.entries(project[kind] ?? {}).filter(([name]) => used[kind].includes(name));
    return entries.length > 0 ? [[kind, Object.fromEntries(entries)] as const] : [];
  });
  const { networks: _n, volumes: _v, secrets: _s, configs: _c, models: _m, ...rest } = project;
  return { ...rest, ...Object.fromEntries(kept) };
}
