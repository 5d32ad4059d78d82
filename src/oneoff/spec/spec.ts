import type { App } from "../../app/app.ts";
import { containerPart } from "../../app/app-name.ts";
import { isLaunchers, launch, launcherLabels } from "../../app/buildpacks.ts";
import { mergeEnv } from "../../app/env.ts";
import { maskCommand } from "../../app/secrets/mask.ts";
import { isSecretName } from "../../app/secrets/secret-name.ts";
import type { Fetch } from "../../app/transfer.ts";
import type { PortBindings } from "../../engine/host-types.ts";
import { COMMON, type EngineQuirks } from "../../engine/quirks.ts";
import type { ContainerCreateBody } from "../../engine/types.ts";
import { LABEL } from "../../identity/labels.ts";
import { ownLabels } from "../../identity/ownership.ts";
import type { ContainerCopy } from "../apps/copy.ts";
import { type UploadPlan, uploadMounts } from "../files/upload-plan.ts";
import { labelledVolumes } from "../reaping/left-volumes.ts";
import { chooseStdio, isProgram, type TerminalState } from "../session/tty.ts";
import { type Command, resolveCommand } from "./command.ts";
import { exposedPorts, resolveContainer, withProfileFiles } from "./container-settings.ts";
import { definedFields } from "./defined-fields.ts";
import { type InitUse, resolveInit } from "./init-use.ts";
import { filterLimits, resolveLimits } from "./limits.ts";
import { copiedMounts, copiedTmpfs, mergeMounts, toContainerMounts } from "./mounts.ts";
import { collectLinks, type LinkSources, type NetworkJoin, networkingConfig, planNetworks } from "./networks.ts";
import type { OnDisconnect, RunOptions } from "./options.ts";
import { listVariables } from "./variable-list.ts";

/** Facts besides app and options that a spec depends on. */
export interface RunFacts extends TerminalState {
  /** The owner in labels. */
  readonly owner: string;
}

/** Everything the engine is requested to create, decided before the first request. */
export interface OneoffSpec {
  readonly app: string;
  readonly image: string;
  readonly tty: boolean;
  /** Whether stdin is forwarded. */
  readonly stdin: boolean;
  readonly detach: boolean;
  readonly command: readonly string[];
  /** The command without secrets. */
  readonly shownCommand: string;
  readonly processType: string | undefined;
  /** The prefix of its name: `run`, `cron.ID` of a scheduled task, or the phase of a deploy. */
  readonly series: string;
  readonly init: InitUse;
  /** Set by the user; otherwise made of the names of app and one-off. */
  readonly containerName: string | undefined;
  /** Required of the image. */
  readonly platform: string | undefined;
  /** Whether GPUs were requested by options or oneoff.yaml. */
  readonly usesGpus: boolean;
  readonly ports: PortBindings | undefined;
  /** Memory limit in bytes. */
  readonly memory: number | undefined;
  /** Seconds from SIGTERM to SIGKILL. */
  readonly stopTimeout: number | undefined;
  /** Seconds until it is stopped. */
  readonly timeout: number | undefined;
  readonly onDisconnect: OnDisconnect | undefined;
  readonly lock: RunOptions["lock"];
  readonly uploads: UploadPlan | undefined;
  readonly fetches: readonly Fetch[];
  /** Whether fetched files may replace existing ones. */
  readonly force: boolean;
  /** Whether the engine removes it on exit. */
  readonly autoRemove: boolean;
  readonly links: LinkSources;
  /** Networks to join before the start, besides the one in the body. */
  readonly moreNetworks: readonly NetworkJoin[];
  /** @param name `run.7364` */
  body(name: string, quirks?: Pick<EngineQuirks, "boundedLog" | "takesProfileText">): ContainerCreateBody;
}

/** The default timeout of a detached one-off and a scheduled task, and the default retention. */
const DAY_S = 86_400;

/** The output of an attached one-off is streamed. Without a log of the engine, that is several times faster. */
const NO_LOG = { Type: "none" };

/** @param copy the settings of the app's container. */
export function buildSpec(app: App, options: RunOptions, facts: RunFacts, copy?: ContainerCopy): OneoffSpec {
  const { detach, onDisconnect, phase, fetches = [] } = options;
  const { settings } = app;
  const { tty, stdin } = chooseStdio(`run ${app.name}`, options, facts);
  const chosenEntrypoint = options.entrypoint ?? settings.entrypoint;
  const launcher = chosenEntrypoint === undefined && isLaunchers(copy?.entrypoint) ? app.launcher : undefined;
  const command: Command = phase
    ? { display: options.args, ...(launcher ? launch(launcher, phase.argv) : { argv: phase.argv }) }
    : options.args.length === 0 && isProgram(options.entrypoint)
      ? { argv: [], display: options.entrypoint ?? [] }
      : resolveCommand({ ...app, launcher }, options.args);
  const { argv, display, processType } = command;
  const plan = planNetworks(options.networks ?? settings.networks, options.links ?? [], copy);
  const { first, more, links } = plan;
  const limits = resolveLimits(options, settings);
  // Its mounts are merged below.
  const { Binds: _binds, Mounts: _mounts, Tmpfs, ...copied } = filterLimits(copy?.hostConfig ?? {}, limits);
  const container = resolveContainer(copied, settings, options, copy);
  const surroundings = container.host;
  const env = mergeEnv(app.env, options.env);
  const shownCommand = maskCommand(
    display,
    Array.from(env).flatMap(([name, value]) => (isSecretName(name) ? value : [])),
  );
  const init = resolveInit(options.init ?? settings.init, copy);
  const timeout = options.timeout ?? settings.run?.timeout ?? (detach || options.series ? DAY_S : undefined);
  const retain = detach ? (options.retain ?? DAY_S) : 0;
  // A failed phase is kept for inspection, and a successful one may be committed.
  const autoRemove = retain === 0 && fetches.length === 0 && !phase;
  const mounts = mergeMounts([
    ...[...copiedMounts(copy), ...copiedTmpfs(Tmpfs)],
    ...[settings, { tmpfs: settings.run?.container?.tmpfs }, options].flatMap(toContainerMounts),
  ]);
  const added = options.uploads ? uploadMounts(options.uploads, { ...surroundings, ...mounts }) : [];
  const containerNameOf = (name: string) => options.name ?? `${containerPart(app.name)}.${name}`;
  return {
    app: app.name,
    image: app.image,
    tty,
    stdin,
    detach,
    command: argv,
    shownCommand,
    processType,
    series: phase?.name ?? options.series ?? "run",
    init,
    containerName: options.name,
    platform: container.platform,
    usesGpus: container.usesGpus,
    ports: surroundings.PortBindings,
    memory: limits.Memory ?? surroundings.Memory,
    stopTimeout: copy?.stopTimeout,
    timeout,
    onDisconnect,
    lock: options.lock,
    uploads: options.uploads && { ...options.uploads, volumes: added.map(({ Target }) => Target) },
    fetches,
    force: options.force ?? false,
    autoRemove,
    links: collectLinks(plan, options.links ?? []),
    moreNetworks: more,
    body: (name, { boundedLog, takesProfileText } = COMMON) => ({
      Image: app.image,
      Cmd: argv,
      Env: listVariables(mergeEnv(app.env, new Map([["DYNO", options.series ?? name]]), options.env), options, copy),
      Labels: ownLabels(containerNameOf(name), {
        ...launcherLabels(launcher),
        ...Object.fromEntries(options.labels),
        [LABEL.app]: app.name,
        [LABEL.name]: name,
        [LABEL.kind]: phase ? "phase" : "run",
        [LABEL.command]: shownCommand,
        [LABEL.owner]: facts.owner,
        ...(processType && { [LABEL.processType]: processType }),
        ...(timeout && { [LABEL.timeout]: String(timeout) }),
        ...(detach && { [LABEL.retain]: String(retain) }),
        ...(options.lock && { [LABEL.lock]: options.lock.key }),
        ...(onDisconnect && { [LABEL.onDisconnect]: onDisconnect }),
      }),
      ...definedFields({
        Entrypoint: chosenEntrypoint ?? command.entrypoint ?? copy?.entrypoint,
        User: options.user ?? settings.user ?? copy?.user,
        WorkingDir: options.workdir ?? settings.workdir ?? copy?.workingDir,
        Hostname: container.hostname,
        Domainname: copy?.domainname,
        ExposedPorts: surroundings.PortBindings && exposedPorts(surroundings.PortBindings),
        StopSignal: container.stopSignal,
        StopTimeout: copy?.stopTimeout,
        NetworkingConfig: networkingConfig(first),
      }),
      Tty: tty,
      // A detached one-off with a TTY may be attached to later.
      OpenStdin: stdin || (tty && detach),
      // EOF of stdin closes the command's stdin. Without StdinOnce, a half-closed connection would lose its output.
      StdinOnce: stdin,
      AttachStdin: stdin,
      AttachStdout: !detach,
      AttachStderr: !detach,
      // The app's health check does not fit a one-off, and would run beside it.
      Healthcheck: { Test: ["NONE"] },
      HostConfig: {
        ...(takesProfileText ? surroundings : withProfileFiles(surroundings, container.profiles)),
        AutoRemove: autoRemove,
        Init: init !== "none",
        LogConfig: container.log ?? (detach || phase !== undefined ? boundedLog : NO_LOG),
        ...definedFields({
          ConsoleSize: tty && facts.size ? ([facts.size.rows, facts.size.columns] as const) : undefined,
          NetworkMode: first?.network,
          Links: links,
          ...mounts,
          Mounts: [...mounts.Mounts, ...labelledVolumes(added, app.name, name, containerNameOf(name))],
          ...limits,
        }),
      },
    }),
  };
}
