import { createHash } from "node:crypto";
import { containerPart } from "../../app/app-name.ts";
import { type Launcher, launchType } from "../../app/buildpacks.ts";
import { envList, mergeEnv } from "../../app/env.ts";
import type { PublishedPort, RestartPolicy } from "../../app/manifest/manifest-processes.ts";
import { processArgv } from "../../app/process-argv.ts";
import { maskCommand } from "../../app/secrets/mask.ts";
import { isSecretName } from "../../app/secrets/secret-name.ts";
import { resolveSize } from "../../app/sizes.ts";
import { isNamedNetwork } from "../../engine/networks.ts";
import type { ProcessCreateBody } from "../../engine/process-types.ts";
import type { EndpointConfig } from "../../engine/types.ts";
import { LABEL } from "../../identity/labels.ts";
import { ownLabels } from "../../identity/ownership.ts";
import { exposedPorts, portBindings, toMapping } from "../../oneoff/spec/container-settings.ts";
import { mergeMounts, toContainerMounts } from "../../oneoff/spec/mounts.ts";
import type { DeployApp, Release } from "../../release/release.ts";

/** One process to start. */
export interface ProcessPlan {
  readonly type: string;
  /** Starts at 1. */
  readonly index: number;
  readonly size?: string;
  /** The value of `PORT`. */
  readonly port: string;
  /** Whether the old process must stop first, because both need the same host port or network namespace. */
  readonly displaces: boolean;
  /** The launcher of a buildpacks image. */
  readonly launcher?: Launcher | undefined;
}

export const DEFAULT_PROCESS_STOP_TIMEOUT_S = 30;

/** `on-failure` would not restart a worker that exits 0 when the engine stops. */
const DEFAULT_RESTART: RestartPolicy = { name: "unless-stopped" };

/** Log collectors read the files of json-file. */
export const LOG_CONFIG = { Type: "json-file", Config: { "max-size": "5m", "max-file": "2" } };

/** The value of `PORT` if neither the app nor its image sets it. */
export const DEFAULT_PORT = "5000";

/** `web.1` */
export const processName = ({ type, index }: Pick<ProcessPlan, "type" | "index">) => `${type}.${index}`;

/** The container name of a live process: `my-app.web.1`. */
export const processContainerName = (app: string, name: string) => `${containerPart(app)}.${name}`;

/** Names by which a proxy finds healthy processes. The engine resolves names in user-defined networks only. */
export const aliasesOf = (app: string, type: string): string[] =>
  type === "web" ? [containerPart(app), `${containerPart(app)}-web`] : [];

/** The networks to connect; the first at create. */
export const networksOf = ({ settings }: DeployApp): readonly string[] => settings.networks ?? ["default"];

/** Fixed host ports of a process: only one process can publish each. */
export function hostPortsOf({ settings }: DeployApp, type: string): PublishedPort[] {
  if (type !== "web") return [];
  return (settings.processes?.publish ?? []).filter(({ hostPort }) => hostPort !== undefined);
}

/** Whether processes share the network namespace of the host or a container, so that their ports conflict. */
export const sharesPorts = (app: DeployApp, type: string) =>
  type === "web" && /^(?:host|container:.*)$/.test(networksOf(app)[0] ?? "");

/** The create request of one process. */
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
    // The old process is already stopped, so the new one gets its aliases at once.
    ...(plan.displaces && isNamedNetwork(network) && { NetworkingConfig: networkWithAliases(app, plan.type, network) }),
  };
}

/** The part of the request that does not depend on the old process. */
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
  const { publish } = settings.processes ?? {};
  const ports = type === "web" && publish ? portBindings(publish.map(toMapping)) : undefined;
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
    ...(ports && { ExposedPorts: exposedPorts(ports) }),
    HostConfig: {
      Init: settings.init ?? true,
      LogConfig: LOG_CONFIG,
      RestartPolicy: {
        Name: restart.name,
        ...(restart.retries !== undefined && { MaximumRetryCount: restart.retries }),
      },
      NetworkMode: network,
      ...mergeMounts(toContainerMounts(settings)),
      ...(size && { Memory: size.memory }),
      ...(size?.nanoCpus !== undefined && { NanoCpus: size.nanoCpus }),
      ...(ports && { PortBindings: ports }),
    },
  };
}

const networkWithAliases = (app: DeployApp, type: string, network: string) => ({
  EndpointsConfig: { [network]: { Aliases: aliasesOf(app.name, type) } satisfies EndpointConfig },
});

/**
 * Changes if a process would be created with other settings. Excludes variables, because labels are less protected and
 * a digest allows guessing short values. Excludes the image, which the release determines.
 * @param networks all networks; the body has only the first.
 */
function settingsDigest({ Env, Image, ...body }: ProcessCreateBody, networks: readonly string[]): string {
  return createHash("sha256")
    .update(JSON.stringify([body, networks]))
    .digest("hex")
    .slice(0, 16);
}
