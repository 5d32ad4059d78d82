import type { App } from "../app/app.ts";
import { envList, mergeEnv } from "../app/env.ts";
import type { Mount } from "../app/mounts.ts";
import type { ContainerCreateBody } from "../engine/types.ts";
import { needsTerminal, stdinIsDirectory } from "../errors.ts";
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
  /** @param name `run.7364` */
  body(name: string): ContainerCreateBody;
}

/** What a detached one-off's output may take on the engine's disk. */
const BOUNDED_LOG = { Type: "json-file", Config: { "max-size": "5m", "max-file": "2" } };

/** An attached one-off's output goes to us and is not written a second time by the engine: several times faster. */
const NO_LOG = { Type: "none" };

export function oneoffSpec(app: App, options: RunOptions, terminal: TerminalFacts): OneoffSpec {
  const { detach } = options;
  if (!detach && terminal.input === "directory") throw stdinIsDirectory();
  const tty = options.tty ?? (!detach && terminal.input === "terminal" && terminal.outputIsTerminal);
  const stdin = !detach && (tty ? terminal.input === "terminal" : terminal.input !== "empty");
  if (tty && !detach && ["pipe", "stream"].includes(terminal.input)) throw needsTerminal();
  const { argv, processType } = resolveCommand(app, options.words, tty && stdin);

  return {
    app: app.name,
    image: app.image,
    tty,
    stdin,
    detach,
    command: argv,
    processType,
    containerName: options.name,
    body: (name) => ({
      Image: app.image,
      Cmd: argv,
      ...(options.entrypoint && { Entrypoint: options.entrypoint }),
      Env: envList(mergeEnv(app.env, new Map([["DYNO", name]]), options.env)),
      Labels: {
        ...Object.fromEntries(options.labels),
        [LABEL.app]: app.name,
        [LABEL.name]: name,
        [LABEL.kind]: "run",
        ...(processType && { [LABEL.processType]: processType }),
      },
      ...(options.user && { User: options.user }),
      ...(options.workdir && { WorkingDir: options.workdir }),
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
        AutoRemove: true,
        Init: options.init,
        LogConfig: detach ? BOUNDED_LOG : NO_LOG,
        ...(tty && terminal.size && { ConsoleSize: [terminal.size.rows, terminal.size.columns] as const }),
        ...(options.network && { NetworkMode: options.network }),
        ...(options.binds.length > 0 && { Binds: options.binds }),
        ...(options.mounts.length > 0 && { Mounts: options.mounts.map(engineMount) }),
        ...(options.memory && { Memory: options.memory }),
        ...(options.nanoCpus && { NanoCpus: options.nanoCpus }),
      },
    }),
  };
}

const engineMount = ({ type, source, target, readOnly }: Mount) => {
  const Type = type;
  return { Type, Target: target, ReadOnly: readOnly, ...(source && { Source: source }) };
};
