import type { App } from "../../app/app.ts";
import { type Env, parseEnvList, unsetNames } from "../../app/env.ts";
import type { ImageDetails } from "../../engine/image-types.ts";
import { latestTag } from "../../release/tags.ts";
import { resolveContainer, withProfileFiles } from "../spec/container-settings.ts";
import { filterLimits, resolveLimits } from "../spec/limits.ts";
import { type ContainerMount, copiedMounts, targetOf, toContainerMounts } from "../spec/mounts.ts";
import { planNetworks } from "../spec/networks.ts";
import type { ResolvedProcfile } from "./app-procfile.ts";
import type { Resolved } from "./resolved-app.ts";

/** `app.json` is a variable that an earlier deploy stored. */
type Origin = ResolvedProcfile["from"] | "compose.yaml" | "container" | "service" | "app.json" | "default";

/** A setting and its origin. */
export interface Value {
  readonly value: unknown;
  readonly from: Origin;
}

export type Values = Readonly<Record<string, Value>>;

/** The settings of an app's one-offs, with their origins. */
export interface AppInfo {
  readonly name: string;
  readonly from: App["from"];
  /** The path of oneoff.yaml. */
  readonly file: string | undefined;
  /** The name of the copied container. */
  readonly container: string | undefined;
  /** The name of the copied Swarm service. */
  readonly service: string | undefined;
  /** By name in oneoff.yaml, or by name in the engine's API for settings that only a container has. */
  readonly settings: Values;
  /** By mount point. */
  readonly mounts: Values;
  readonly env: Values;
  /** By process type. */
  readonly procfile: Values;
}

/**
 * @param image undefined if the engine does not have the app's image.
 * @param stored variables from app.json.
 */
export function describeApp(
  { app, copy, file, swarm }: Resolved,
  image: ImageDetails | undefined,
  types: ResolvedProcfile,
  stored: Env = new Map(),
): AppInfo {
  const { settings } = app;
  const { Env, User, WorkingDir, Entrypoint, StopSignal } = image?.Config ?? {};
  const remaining = filterLimits(copy?.hostConfig ?? {}, resolveLimits({}, settings));
  const { Binds: _binds, Mounts: _mounts, Memory, NanoCpus, PidsLimit, ...copied } = remaining;
  const container = resolveContainer(copied, settings, {}, copy);
  const surroundings = withProfileFiles(container.host, container.profiles);
  const described = settings.run?.container;
  const source = swarm ? "service" : app.from === "compose.yaml" ? app.from : "container";
  const withSource = (values: Values) => withCopyOrigin(values, source);
  return {
    name: app.name,
    from: app.from,
    file,
    container: copy?.sourceName,
    service: swarm?.service.Spec.Name,
    settings: withSource(
      dropUndefined({
        image: { value: app.image, from: imageOrigin(app, copy) },
        user: resolveValue(settings.user, copy?.user, User),
        workdir: resolveValue(settings.workdir, copy?.workingDir, WorkingDir),
        entrypoint: resolveValue(
          settings.entrypoint,
          isEntrypointCleared(copy, Entrypoint) ? null : copy?.entrypoint,
          Entrypoint,
        ),
        shell: resolveValue(settings.shell),
        init: resolveValue(settings.init, copy?.init) ?? { value: true, from: "default" },
        networks: resolveValue(settings.networks, copy?.networks) ?? { value: ["bridge"], from: "default" },
        links: linksOf(app, copy),
        hostname: resolveValue(described?.hostname, copy?.hostname),
        platform: resolveValue(described?.platform, copy?.platform),
        "stop-signal": resolveValue(described?.["stop-signal"], copy?.stopSignal, StopSignal),
        "stop-timeout": resolveValue(undefined, copy?.stopTimeout),
        memory: resolveValue(settings.run?.memory, Memory),
        cpus: resolveValue(toCpus(settings.run?.nanoCpus), toCpus(NanoCpus)),
        "pids-limit": resolveValue(settings.run?.pidsLimit, PidsLimit),
        timeout: resolveValue(settings.run?.timeout),
        // The driver's options are omitted, because they may contain a token.
        log: resolveValue(settings.run?.log?.driver),
        ...surroundingValues(surroundings, copied),
        ...serviceValues(swarm),
      }),
    ),
    mounts: withSource({
      ...mountValues(copiedMounts(copy), "container"),
      ...mountValues([settings, { tmpfs: described?.tmpfs }].flatMap(toContainerMounts), "oneoff.yaml"),
    }),
    env: withSource({
      ...withOrigin(Object.fromEntries(remainingEnv(Env ?? [], copy?.env ?? [])), "image"),
      ...envOf(app, new Set(copy?.env), new Set(Env), stored),
    }),
    procfile: withOrigin(Object.fromEntries(types.procfile), types.from),
  };
}

/** The settings of a copy come from a container, a Compose file or a service of a Swarm. */
const withCopyOrigin = (values: Values, source: Origin): Values =>
  Object.fromEntries(
    Object.entries(values).map(([name, { value, from }]) => [
      name,
      { value, from: from === "container" ? source : from },
    ]),
  );

/** What only a service has; its secrets and configs by name. */
function serviceValues(swarm: Resolved["swarm"]): Values {
  const { ContainerSpec, Placement } = swarm?.service.Spec.TaskTemplate ?? {};
  const values = {
    secrets: (ContainerSpec?.Secrets ?? []).map(({ SecretName }) => SecretName),
    configs: (ContainerSpec?.Configs ?? []).map(({ ConfigName }) => ConfigName),
    constraints: Placement?.Constraints ?? [],
  };
  return withOrigin(Object.fromEntries(Object.entries(values).filter(([, value]) => value.length > 0)), "service");
}

/** A deployed app runs its release, even if oneoff.yaml names the image of the release. */
function imageOrigin({ name, from, image, settings }: App, copy: Resolved["copy"]): Origin {
  if (from === "release" || from === "image") return from;
  if (copy && image !== settings.image) return "container";
  return image === latestTag(name) ? "release" : "oneoff.yaml";
}

/** The image's variables without those that the container unsets. */
function remainingEnv(imageEnv: readonly string[], copiedEnv: readonly string[]) {
  const removed = unsetNames(copiedEnv);
  return Array.from(parseEnvList(imageEnv)).filter(([name]) => !removed.includes(name));
}

/** An entrypoint of `[""]` clears the image's entrypoint, if it has one. */
const isEntrypointCleared = (copy: Resolved["copy"], ofImage: readonly string[] | null | undefined) =>
  copy?.entrypoint?.[0] === "" && !isSet(ofImage);

/** Links in networks that oneoff.yaml replaces are omitted. */
function linksOf({ settings }: App, copy: Resolved["copy"]): Value | undefined {
  const { first, more, links } = planNetworks(settings.networks, [], copy);
  return resolveValue(undefined, [
    ...new Set([...links, ...(first?.links ?? []), ...more.flatMap((join) => join.links)]),
  ]);
}

const toCpus = (billionths: number | undefined) => billionths && billionths / 1e9;

/** A value that the container and its image share is attributed to the image. */
function resolveValue(described: unknown, copied?: unknown, ofImage?: unknown): Value | undefined {
  if (isSet(described)) return { value: described, from: "oneoff.yaml" };
  if (isSet(copied) && JSON.stringify(copied) !== JSON.stringify(ofImage)) return { value: copied, from: "container" };
  return isSet(ofImage) ? { value: ofImage, from: "image" } : undefined;
}

function envOf({ env }: App, ofCopy: ReadonlySet<string>, ofImage: ReadonlySet<string>, stored: Env): Values {
  const from = (name: string, value: string): Origin => {
    const pair = `${name}=${value}`;
    if (ofCopy.has(pair)) return ofImage.has(pair) ? "image" : "container";
    return stored.get(name) === value ? "app.json" : "oneoff.yaml";
  };
  return Object.fromEntries(Array.from(env, ([name, value]) => [name, { value, from: from(name, value) }]));
}

/** A list that oneoff.yaml adds to is attributed to it. */
const surroundingValues = (resolved: object, copied: object): Values => {
  const [old, all] = [new Map<string, unknown>(Object.entries(copied)), Object.entries(resolved)];
  const isCopied = ([key, value]: [string, unknown]) => JSON.stringify(old.get(key)) === JSON.stringify(value);
  return {
    ...withOrigin(Object.fromEntries(all.filter(isCopied)), "container"),
    ...withOrigin(Object.fromEntries(all.filter((entry) => !isCopied(entry))), "oneoff.yaml"),
  };
};

const mountValues = (mounts: readonly ContainerMount[], from: Origin) =>
  withOrigin(Object.fromEntries(mounts.map((mounted) => [targetOf(mounted), Object.values(mounted)[0]])), from);

const withOrigin = (values: object, from: Origin): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, from }]));

const isSet = (value: unknown) => value !== undefined && value !== null && (value as { length?: number }).length !== 0;

const dropUndefined = (values: Readonly<Record<string, Value | undefined>>): Values =>
  Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value ? [[name, value]] : [])));
