import type { App, AppSettings } from "../../app/app.ts";
import { containerPart } from "../../app/app-name.ts";
import { isLaunchers, launch, launcherLabels } from "../../app/buildpacks.ts";
import { mergeEnv } from "../../app/env.ts";
import { maskCommand } from "../../app/secrets/mask.ts";
import { isSecretName } from "../../app/secrets/secret-name.ts";
import type { Fetch } from "../../app/transfer.ts";
import { COMMON, type Dialect } from "../../engine/dialect.ts";
import type { ContainerCreateBody, LogConfig } from "../../engine/types.ts";
import { LABEL } from "../../identity/labels.ts";
import { ownLabels } from "../../identity/ownership.ts";
import type { ContainerCopy } from "../apps/copy.ts";
import { type UploadPlan, uploadMounts } from "../files/upload-plan.ts";
import { labelledVolumes } from "../reaping/left-volumes.ts";
import { chooseStdio, isProgram, type TerminalState } from "../session/tty.ts";
import { type Command, resolveCommand } from "./command.ts";
import { type InitUse, initOf } from "./init-use.ts";
import { chosenLimits, remainingLimits } from "./limits.ts";
import { copiedMounts, givenMounts, mountFields, remainingTmpfs } from "./mounts.ts";
import { type LinkSources, linkSources, type NetworkJoin, networkPlan } from "./networks.ts";
import type { OnDisconnect, RunOptions } from "./options.ts";
import { variableList } from "./variable-list.ts";

/** Everything else a spec is decided by. */
export interface RunFacts extends TerminalState {
  /** What says in a label who made it. */
  readonly owner: string;
}

/** All that the engine will be told, decided before it is told anything. */
export interface OneoffSpec {
  readonly app: string;
  readonly image: string;
  readonly tty: boolean;
  /** Whether our stdin goes to the command. */
  readonly stdin: boolean;
  readonly detach: boolean;
  readonly command: readonly string[];
  /** The command as people may read it. */
  readonly shownCommand: string;
  readonly processType: string | undefined;
  /** What its name begins with: `run`, or the phase of a deploy that it is. */
  readonly series: string;
  readonly init: InitUse;
  /** The container's name when the user gave one; otherwise it is made of the app's and the one-off's. */
  readonly containerName: string | undefined;
  /** Its limit, in bytes. */
  readonly memory: number | undefined;
  /** How many seconds it has to exit after SIGTERM. */
  readonly stopTimeout: number | undefined;
  /** After how many seconds it is stopped. */
  readonly timeout: number | undefined;
  readonly onDisconnect: OnDisconnect | undefined;
  readonly lock: RunOptions["lock"];
  readonly uploads: UploadPlan | undefined;
  readonly fetches: readonly Fetch[];
  /** Whether what is fetched may take the place of files that are here. */
  readonly force: boolean;
  /** Whether the engine removes it at its end. */
  readonly autoRemove: boolean;
  readonly links: LinkSources;
  /** Those to join before the start, besides the one that the body names. */
  readonly moreNetworks: readonly NetworkJoin[];
  /** @param name `run.7364` */
  body(name: string, dialect?: Pick<Dialect, "boundedLog">): ContainerCreateBody;
}

/** How long a detached one-off may run, and is kept after its end, unless told otherwise; in seconds. */
const DAY = 86_400;

/** An attached one-off's output goes to us and is not written a second time by the engine: several times faster. */
const NO_LOG = { Type: "none" };

/** @param copy what is taken over from the container that the app was found as. */
export function oneoffSpec(app: App, options: RunOptions, facts: RunFacts, copy?: ContainerCopy): OneoffSpec {
  const { detach, onDisconnect, phase, fetches = [] } = options;
  const { settings } = app;
  const { tty, stdin } = chooseStdio(`run ${app.name}`, options, facts);
  const chosenEntrypoint = options.entrypoint ?? settings.entrypoint;
  const launcher = chosenEntrypoint === undefined && isLaunchers(copy?.entrypoint) ? app.launcher : undefined;
  const command: Command = phase
    ? { shown: options.args, ...(launcher ? launch(launcher, phase.argv) : { argv: phase.argv }) }
    : options.args.length === 0 && isProgram(options.entrypoint)
      ? { argv: [], shown: options.entrypoint ?? [] }
      : resolveCommand({ ...app, launcher }, options.args);
  const { argv, shown, processType } = command;
  const plan = networkPlan(options.networks ?? settings.networks, options.links ?? [], copy);
  const { first, more, links } = plan;
  const limits = chosenLimits(options, settings);
  // Its mounts are those that nothing else stands in place of.
  const { Binds: _binds, Mounts: _mounts, Tmpfs, ...surroundings } = remainingLimits(copy?.hostConfig ?? {}, limits);
  const env = mergeEnv(app.env, options.env);
  const shownCommand = maskCommand(
    shown,
    Array.from(env).flatMap(([name, value]) => (isSecretName(name) ? value : [])),
  );
  const init = initOf(options.init ?? settings.init, copy);
  const timeout = options.timeout ?? settings.run?.timeout ?? (detach ? DAY : undefined);
  const retain = detach ? (options.retain ?? DAY) : 0;
  // A phase that has failed is there to be looked at, and one that has not may be committed.
  const autoRemove = retain === 0 && fetches.length === 0 && !phase;
  const chosenMounts = [...givenMounts(settings), ...givenMounts(options)];
  const mounts = {
    ...mountFields([...copiedMounts(copy), ...chosenMounts]),
    Tmpfs: remainingTmpfs(Tmpfs, chosenMounts),
  };
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
    series: phase?.name ?? "run",
    init,
    containerName: options.name,
    memory: limits.Memory ?? surroundings.Memory,
    stopTimeout: copy?.stopTimeout,
    timeout,
    onDisconnect,
    lock: options.lock,
    uploads: options.uploads && { ...options.uploads, volumes: added.map(({ Target }) => Target) },
    fetches,
    force: options.force ?? false,
    autoRemove,
    links: linkSources(plan, options.links ?? []),
    moreNetworks: more,
    body: (name, { boundedLog } = COMMON) => ({
      Image: app.image,
      Cmd: argv,
      Env: variableList(mergeEnv(app.env, new Map([["DYNO", name]]), options.env), options, copy),
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
      ...given({
        Entrypoint: chosenEntrypoint ?? command.entrypoint ?? copy?.entrypoint,
        User: options.user ?? settings.user ?? copy?.user,
        WorkingDir: options.workdir ?? settings.workdir ?? copy?.workingDir,
        StopSignal: copy?.stopSignal,
        StopTimeout: copy?.stopTimeout,
      }),
      Tty: tty,
      // A terminal that nobody sits at may still be attached to.
      OpenStdin: stdin || (tty && detach),
      // The command's stdin ends when ours does; without it, a half-closed connection would lose its output.
      StdinOnce: stdin,
      AttachStdin: stdin,
      AttachStdout: !detach,
      AttachStderr: !detach,
      // The app's check has nothing to ask of a one-off, and would run beside it.
      Healthcheck: { Test: ["NONE"] },
      ...(first?.links.length && {
        NetworkingConfig: { EndpointsConfig: { [first.network]: { Links: first.links } } },
      }),
      HostConfig: {
        ...surroundings,
        AutoRemove: autoRemove,
        Init: init !== "none",
        LogConfig: logOf(settings, detach || phase !== undefined ? boundedLog : NO_LOG),
        ...given({
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

const logOf = ({ run }: AppSettings, unlessSet: LogConfig): LogConfig =>
  run?.log ? { Type: run.log.driver, Config: Object.fromEntries(run.log.options) } : unlessSet;

/** Without what was not given: the engine takes an empty value for a wish. */
const given = <T extends object>(fields: { [Key in keyof T]: T[Key] | undefined | null }) =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== undefined && value !== null && (value as { length?: number }).length !== 0,
    ),
  ) as Partial<T>;
