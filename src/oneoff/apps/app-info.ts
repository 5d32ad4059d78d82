import type { App } from "../../app/app.ts";
import { type Env, parseEnvList, unsetNames } from "../../app/env.ts";
import type { ImageDetails } from "../../engine/image-types.ts";
import { latestTag } from "../../release/tags.ts";
import { filterLimits, resolveLimits } from "../spec/limits.ts";
import { type ContainerMount, copiedMounts, targetOf, toContainerMounts } from "../spec/mounts.ts";
import { planNetworks } from "../spec/networks.ts";
import type { ResolvedProcfile } from "./app-procfile.ts";
import type { Resolved } from "./resolve.ts";

/** `build` is the folder that oneoff.yaml builds the image from, `app.json` what an earlier deploy has kept of it. */
type Origin = "oneoff.yaml" | "container" | "image" | "release" | "build" | "app.json" | "default";

/** A value, and what it was taken from. */
export interface Value {
  readonly value: unknown;
  readonly from: Origin;
}

export type Values = Readonly<Record<string, Value>>;

/** An app as its one-offs get it. */
export interface AppInfo {
  readonly name: string;
  readonly from: App["from"];
  /** The oneoff.yaml that describes it. */
  readonly file: string | undefined;
  /** The name of the container that is copied. */
  readonly container: string | undefined;
  /** By their names in oneoff.yaml; what only a container has, by the engine's. */
  readonly settings: Values;
  /** By what they are mounted at. */
  readonly mounts: Values;
  readonly env: Values;
  /** By process type. */
  readonly procfile: Values;
}

/**
 * @param image the app's, where the engine has it.
 * @param types its process types, wherever they are.
 * @param stored the variables that app.json has set.
 */
export function describeApp(
  { app, copy, file }: Resolved,
  image: ImageDetails | undefined,
  types: ResolvedProcfile,
  stored: Env = new Map(),
): AppInfo {
  const { settings } = app;
  const { Env, User, WorkingDir, Entrypoint, StopSignal } = image?.Config ?? {};
  const remaining = filterLimits(copy?.hostConfig ?? {}, resolveLimits({}, settings));
  const { Binds: _binds, Mounts: _mounts, Memory, NanoCpus, PidsLimit, ...surroundings } = remaining;
  return {
    name: app.name,
    from: app.from,
    file,
    container: copy?.sourceName,
    settings: dropUndefined({
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
      "stop-signal": resolveValue(undefined, copy?.stopSignal, StopSignal),
      "stop-timeout": resolveValue(undefined, copy?.stopTimeout),
      memory: resolveValue(settings.run?.memory, Memory),
      cpus: resolveValue(toCpus(settings.run?.nanoCpus), toCpus(NanoCpus)),
      "pids-limit": resolveValue(settings.run?.pidsLimit, PidsLimit),
      timeout: resolveValue(settings.run?.timeout),
      // Without the driver's options: they may have a token among them.
      log: resolveValue(settings.run?.log?.driver),
      ...withOrigin(surroundings, "container"),
    }),
    mounts: {
      ...mountValues(copiedMounts(copy), "container"),
      ...mountValues(toContainerMounts(settings), "oneoff.yaml"),
    },
    env: {
      ...withOrigin(Object.fromEntries(remainingEnv(Env ?? [], copy?.env ?? [])), "image"),
      ...envOf(app, new Set(copy?.env), new Set(Env), stored),
    },
    procfile: withOrigin(Object.fromEntries(types.procfile), types.from),
  };
}

/** What oneoff has deployed of an app is its release, also where oneoff.yaml names what that was made of. */
function imageOrigin({ name, from, image, settings }: App, copy: Resolved["copy"]): Origin {
  if (from === "release" || from === "image") return from;
  if (copy && image !== settings.image) return "container";
  return image === latestTag(name) ? "release" : "oneoff.yaml";
}

/** An image's variables that its container has not taken away. */
function remainingEnv(ofImage: readonly string[], ofCopy: readonly string[]) {
  const removed = unsetNames(ofCopy);
  return Array.from(parseEnvList(ofImage)).filter(([name]) => !removed.includes(name));
}

/** An empty word takes an entrypoint away; where the image has none, there is nothing to take. */
const isEntrypointCleared = (copy: Resolved["copy"], ofImage: readonly string[] | null | undefined) =>
  copy?.entrypoint?.[0] === "" && !isSet(ofImage);

/** Those of networks that oneoff.yaml replaces are not its own. */
function linksOf({ settings }: App, copy: Resolved["copy"]): Value | undefined {
  const { first, more, links } = planNetworks(settings.networks, [], copy);
  return resolveValue(undefined, [
    ...new Set([...links, ...(first?.links ?? []), ...more.flatMap((join) => join.links)]),
  ]);
}

const toCpus = (billionths: number | undefined) => billionths && billionths / 1e9;

/** What a container has and its image sets as well was the image's. */
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

const mountValues = (mounts: readonly ContainerMount[], from: Origin) =>
  withOrigin(Object.fromEntries(mounts.map((one) => [targetOf(one), "bind" in one ? one.bind : one.mount])), from);

const withOrigin = (values: object, from: Origin): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, from }]));

const isSet = (value: unknown) => value !== undefined && value !== null && (value as { length?: number }).length !== 0;

const dropUndefined = (values: Readonly<Record<string, Value | undefined>>): Values =>
  Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value ? [[name, value]] : [])));
