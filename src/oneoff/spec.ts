import type { App, AppSettings } from "../app/app.ts";
import { envList, mergeEnv } from "../app/env.ts";
import type { Mount } from "../app/mounts.ts";
import { resolveSize } from "../app/sizes.ts";
import type { ContainerCopy } from "../engine/copy.ts";
import type { ContainerCreateBody, Mount as EngineMount, HostConfig } from "../engine/types.ts";
import { needsTerminal, noCommand, stdinIsDirectory } from "../errors.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { resolveCommand } from "./command.ts";
import { LABEL } from "./labels.ts";
import type { RunOptions } from "./options.ts";

/** What the terminal has to say about a one-off. */
export type TerminalFacts = Pick<Terminal, "input" | "outputIsTerminal"> & { size: ReturnType<Terminal["size"]> };

/** All that the engine will be told, decided before it is told anything. */
export interface OneoffSpec {
  readonly app: string;
  readonly image: string;
  readonly tty: boolean;
  /** Whether our stdin goes to the command. */
  readonly stdin: boolean;
  readonly detach: boolean;
  readonly command: readonly string[];
  readonly processType: string | undefined;
  /** The container's name when the user gave one; otherwise it is made of the app's and the one-off's. */
  readonly containerName: string | undefined;
  /** Its limit, in bytes. */
  readonly memory: number | undefined;
  /** After how many seconds it is stopped. */
  readonly timeout: number | undefined;
  /** Those to join before the start, besides the one that the body names. */
  readonly moreNetworks: readonly string[];
  /** @param name `run.7364` */
  body(name: string): ContainerCreateBody;
}

/** What a detached one-off's output may take on the engine's disk. */
const BOUNDED_LOG = { Type: "json-file", Config: { "max-size": "5m", "max-file": "2" } };

/** An attached one-off's output goes to us and is not written a second time by the engine: several times faster. */
const NO_LOG = { Type: "none" };

/**
 * Whether the command gets a terminal, and our stdin.
 * @throws OneoffError when that, or the words, cannot be meant: it needs nothing but what was typed.
 */
export function terminalUse(app: string, { words, detach, tty: wanted }: RunOptions, terminal: TerminalFacts) {
  const { input, outputIsTerminal } = terminal;
  if (!detach && input === "directory") throw stdinIsDirectory();
  const tty = wanted ?? (!detach && input === "terminal" && outputIsTerminal);
  if (tty && !detach && ["pipe", "stream"].includes(input)) throw needsTerminal();
  const stdin = !detach && (tty ? input === "terminal" : input !== "empty");
  if (words.length === 0 && !(tty && stdin)) throw noCommand(app);
  return { tty, stdin };
}

/** @param copy what is taken over from the container that the app was found as. */
export function oneoffSpec(app: App, options: RunOptions, terminal: TerminalFacts, copy?: ContainerCopy): OneoffSpec {
  const { detach } = options;
  const { settings } = app;
  const { tty, stdin } = terminalUse(app.name, options, terminal);
  const { argv, processType } = resolveCommand(app, options.words);
  const networks = options.network ? [options.network] : (settings.networks ?? copy?.networks ?? []);
  const limits = limitsOf(options, settings);
  // Its mounts are those that nothing else stands in place of.
  const { Binds: _binds, Mounts: _mounts, ...surroundings } = copy?.hostConfig ?? {};

  return {
    app: app.name,
    image: app.image,
    tty,
    stdin,
    detach,
    command: argv,
    processType,
    containerName: options.name,
    memory: limits.Memory,
    timeout: options.timeout ?? (detach ? undefined : settings.run?.timeout),
    moreNetworks: networks.slice(1),
    body: (name) => ({
      Image: app.image,
      Cmd: argv,
      Env: envList(mergeEnv(app.env, new Map([["DYNO", name]]), options.env)),
      Labels: {
        ...Object.fromEntries(options.labels),
        [LABEL.app]: app.name,
        [LABEL.name]: name,
        [LABEL.kind]: "run",
        ...(processType && { [LABEL.processType]: processType }),
      },
      ...given({
        Entrypoint: options.entrypoint ?? settings.entrypoint ?? copy?.entrypoint,
        User: options.user ?? settings.user ?? copy?.user,
        WorkingDir: options.workdir ?? settings.workdir ?? copy?.workingDir,
      }),
      Tty: tty,
      OpenStdin: stdin,
      // The command's stdin ends when ours does; without it, a half-closed connection would lose its output.
      StdinOnce: stdin,
      AttachStdin: stdin,
      AttachStdout: !detach,
      AttachStderr: !detach,
      // The app's check has nothing to ask of a one-off, and would run beside it.
      Healthcheck: { Test: ["NONE"] },
      HostConfig: {
        ...surroundings,
        AutoRemove: true,
        Init: options.init ?? settings.init ?? true,
        LogConfig: logOf(settings, detach),
        ...given({
          ConsoleSize: tty && terminal.size ? ([terminal.size.rows, terminal.size.columns] as const) : undefined,
          NetworkMode: networks[0],
          ...mountsOf(options, settings, copy),
          ...limits,
        }),
      },
    }),
  };
}

/** What was asked for this time, before the size that was asked for, before what the app says of its one-offs. */
function limitsOf(options: RunOptions, { run, sizes }: AppSettings) {
  const size = options.size === undefined ? undefined : resolveSize(options.size, sizes);
  return {
    Memory: options.memory ?? size?.memory ?? run?.memory,
    NanoCpus: options.nanoCpus ?? size?.nanoCpus ?? run?.nanoCpus,
    PidsLimit: options.pidsLimit ?? run?.pidsLimit,
  };
}

function logOf({ run }: AppSettings, detach: boolean): HostConfig["LogConfig"] {
  if (run?.log) return { Type: run.log.driver, Config: Object.fromEntries(run.log.options) };
  return detach ? BOUNDED_LOG : NO_LOG;
}

/** What is mounted later stands in place of what was at the same path. */
function mountsOf(options: RunOptions, settings: AppSettings, copy: ContainerCopy | undefined) {
  const at = new Map<string, { bind?: string; mount?: EngineMount }>();
  for (const bind of copy?.hostConfig.Binds ?? []) at.set(bindTarget(bind), { bind });
  for (const mount of copy?.hostConfig.Mounts ?? []) at.set(mount.Target, { mount });
  for (const { binds = [], mounts = [] } of [settings, options]) {
    for (const bind of binds) at.set(bindTarget(bind), { bind });
    for (const mount of mounts) at.set(mount.target, { mount: engineMount(mount) });
  }
  const all = [...at.values()];
  return { Binds: all.flatMap(({ bind }) => bind ?? []), Mounts: all.flatMap(({ mount }) => mount ?? []) };
}

/** Without what was not given: the engine takes an empty value for a wish. */
const given = <T extends object>(fields: { [Key in keyof T]: T[Key] | undefined | null }) =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== undefined && value !== null && (value as { length?: number }).length !== 0,
    ),
  ) as Partial<T>;

const bindTarget = (bind: string) => bind.split(":")[1] ?? bind;

const engineMount = ({ type, source, target, readOnly }: Mount) => {
  const Type = type;
  return { Type, Target: target, ReadOnly: readOnly, ...(source && { Source: source }) };
};
