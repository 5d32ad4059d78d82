import { createHash } from "node:crypto";
import { containerPart } from "../../app/app-name.ts";
import { type Launcher, launchType } from "../../app/buildpacks.ts";
import { envList, mergeEnv } from "../../app/env.ts";
import type { PublishedPort, RestartPolicy } from "../../app/manifest/manifest-processes.ts";
import { processArgv } from "../../app/process-argv.ts";
import { maskCommand } from "../../app/secrets/mask.ts";
import { isSecretName } from "../../app/secrets/secret-name.ts";
import { resolveSize } from "../../app/sizes.ts";
import type { EndpointConfig } from "../../engine/endpoint-config.ts";
import { isNamedNetwork } from "../../engine/networks.ts";
import type { PortBinding, ProcessCreateBody } from "../../engine/process-types.ts";
import { LABEL } from "../../identity/labels.ts";
import { ownLabels } from "../../identity/ownership.ts";
import { givenMounts, mountFields } from "../../oneoff/spec/mounts.ts";
import type { DeployApp, Release } from "../../release/release.ts";

/** One process of an app, as it is to run. */
export interface ProcessPlan {
  readonly type: string;
  /** From 1. */
  readonly index: number;
  readonly size?: string;
  /** What it is told to listen on. */
  readonly port: string;
  /** Whether what has its name now has to be stopped first, for it holds what this one needs. */
  readonly displaces: boolean;
  /** What starts it, in an image of buildpacks. */
  readonly launcher?: Launcher | undefined;
}

/** In seconds. */
export const DEFAULT_PROCESS_STOP_TIMEOUT_S = 30;

/** A worker that exits 0 on SIGTERM comes back with its engine too; what was stopped on purpose stays stopped. */
const DEFAULT_RESTART: RestartPolicy = { name: "unless-stopped" };

/** Its files are what collectors of logs read. */
const LOG_CONFIG = { Type: "json-file", Config: { "max-size": "5m", "max-file": "2" } };

/** What `PORT` is unless the app, or its image, says otherwise. */
export const DEFAULT_PORT = "5000";

/** `web.1` */
export const processName = ({ type, index }: Pick<ProcessPlan, "type" | "index">) => `${type}.${index}`;

/** The container's name of a process that is in its place: `my-app.web.1`. */
export const processContainerName = (app: string, name: string) => `${containerPart(app)}.${name}`;

/** By what a proxy finds the processes that are well. The engine has names in networks of the user's making only. */
export const aliasesOf = (app: string, type: string): string[] =>
  type === "web" ? [containerPart(app), `${containerPart(app)}-web`] : [];

/** The networks to join, the first at create. */
export const networksOf = ({ settings }: DeployApp): readonly string[] => settings.networks ?? ["default"];

/** The ports of the host that a process has for itself: two of a type cannot run beside each other. */
export function hostPortsOf({ settings }: DeployApp, type: string): PublishedPort[] {
  if (type !== "web") return [];
  return (settings.processes?.publish ?? []).filter(({ hostPort }) => hostPort !== undefined);
}

/** Whether it listens where the host does, or another container: for one process only, whatever it listens on. */
export const sharesPorts = (app: DeployApp, type: string) =>
  type === "web" && /^(?:host|container:.*)$/.test(networksOf(app)[0] ?? "");

/** The body that creates the container of one process. */
export function processBody(app: DeployApp, release: Release, plan: ProcessPlan): ProcessCreateBody {
  const body = baseBody(app, release, plan);
  const [network = "default"] = networksOf(app);
  return {
    ...body,
    Labels: {
      ...body.Labels,
      [LABEL.settings]: settingsDigest(body, networksOf(app)),
      ...(plan.displaces && { [LABEL.displaces]: "true" }),
    },
    // What takes the place of one that is stopped already has no unwell neighbour to be kept apart from.
    ...(plan.displaces && isNamedNetwork(network) && { NetworkingConfig: networkWithAliases(app, plan.type, network) }),
  };
}

/** Whatever was there before it. */
function baseBody(app: DeployApp, release: Release, plan: ProcessPlan): ProcessCreateBody {
  const { settings, env } = app;
  const { type, port } = plan;
  const name = processName(plan);
  const command = release.procfile.get(type);
  const secrets = Array.from(env).flatMap(([variable, value]) => (isSecretName(variable) ? value : []));
  const [network = "default"] = networksOf(app);
  const size = plan.size === undefined ? undefined : resolveSize(plan.size, settings.sizes);
  const {
    restart = DEFAULT_RESTART,
    stopGrace = DEFAULT_PROCESS_STOP_TIMEOUT_S,
    labels = new Map(),
  } = settings.processes ?? {};
  const published = type === "web" ? (settings.processes?.publish ?? []) : [];
  const argv = (line: string) => processArgv(line, settings.shell);
  const launcher = settings.entrypoint ? undefined : plan.launcher;
  const launched = launcher && launchType(launcher, type, command, argv);
  const Cmd = launched?.argv ?? (command === undefined ? undefined : argv(command));
  const Entrypoint = launched?.entrypoint ?? settings.entrypoint;
  return {
    Image: release.imageId,
    ...(Cmd && { Cmd }),
    Env: envList(
      mergeEnv(
        env,
        new Map([
          ["DYNO", name],
          ["PORT", port],
        ]),
      ),
    ),
    Labels: ownLabels(processContainerName(app.name, name), {
      ...Object.fromEntries(labels),
      [LABEL.app]: app.name,
      [LABEL.kind]: "process",
      [LABEL.name]: name,
      [LABEL.processType]: type,
      [LABEL.release]: String(release.number),
      ...(command !== undefined && { [LABEL.command]: maskCommand([command], secrets) }),
    }),
    ...(Entrypoint && { Entrypoint }),
    ...(settings.user && { User: settings.user }),
    ...(settings.workdir && { WorkingDir: settings.workdir }),
    StopTimeout: stopGrace,
    ...(published.length > 0 && {
      ExposedPorts: Object.fromEntries(published.map((one) => [portKey(one), {}])),
    }),
    HostConfig: {
      Init: settings.init ?? true,
      LogConfig: LOG_CONFIG,
      RestartPolicy: {
        Name: restart.name,
        ...(restart.retries !== undefined && { MaximumRetryCount: restart.retries }),
      },
      NetworkMode: network,
      ...mountFields(givenMounts(settings)),
      ...(size && { Memory: size.memory }),
      ...(size?.nanoCpus !== undefined && { NanoCpus: size.nanoCpus }),
      ...(published.length > 0 && { PortBindings: portBindings(published) }),
    },
  };
}

const networkWithAliases = (app: DeployApp, type: string, network: string) => ({
  EndpointsConfig: { [network]: { Aliases: aliasesOf(app.name, type) } satisfies EndpointConfig },
});

const portKey = ({ port, protocol }: PublishedPort) => `${port}/${protocol}`;

/** One port of the container may be several of the host. */
function portBindings(published: readonly PublishedPort[]): Record<string, PortBinding[]> {
  const byPort: Record<string, PortBinding[]> = {};
  for (const one of published) {
    byPort[portKey(one)] = [
      ...(byPort[portKey(one)] ?? []),
      { HostIp: one.hostAddress ?? "", HostPort: String(one.hostPort ?? "") },
    ];
  }
  return byPort;
}

/**
 * What is another as soon as a process would be created otherwise. Its variables are not in it: a label goes further than
 * they may, and whoever knows all the rest could guess a short value. Nor is its image, which its release names.
 * @param networks all that it joins; the body has the first only.
 */
export function settingsDigest({ Env, Image, ...body }: ProcessCreateBody, networks: readonly string[]): string {
  return createHash("sha256")
    .update(JSON.stringify([body, networks]))
    .digest("hex")
    .slice(0, 16);
}
