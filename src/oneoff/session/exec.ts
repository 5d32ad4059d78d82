import { setTimeout as pause } from "node:timers/promises";
import { type Env, envList } from "../../app/env.ts";
import { createExec, inspectExec, resizeExec, startExec } from "../../engine/exec.ts";
import type { Transport } from "../../engine/transport.ts";
import { exitUnknown, isConnectionLoss, isExitUnknown } from "../../errors/engine.ts";
import { outputFailed } from "../../errors/io.ts";
import { execLost, execNeverStarted, notRunning } from "../../errors/session.ts";
import { exitCodeOf, FATAL_SIGNALS } from "../../terminal/signals.ts";
import type { RunningContainer } from "../lookup/find-running.ts";
import { toExecError, toUserError } from "./command-refusal.ts";
import { filterRefusal } from "./exec-refusal.ts";
import { attachStdio } from "./stdio.ts";
import type { SuperviseContext } from "./supervise.ts";

/** A command to run in a container that is running already. */
export interface ExecSpec {
  readonly argv: readonly string[];
  readonly env: Env;
  readonly unset?: readonly string[];
  readonly user?: string | undefined;
  readonly workdir?: string | undefined;
  readonly tty: boolean;
  readonly stdin: boolean;
}

/** Podman may record the exit code a moment after the output has ended. */
const MAX_EXIT_POLLS = 100;
const EXIT_POLL_INTERVAL_MS = 20;

/** Exit codes of engines for a command that they could not start. Since Docker 28 the code tells which cause. */
const NOT_STARTED: ReadonlySet<number> = new Set([125, 126, 127]);

/**
 * Runs the command with stdio attached. The engine cannot signal an exec: when oneoff ends, the command continues.
 * @returns the exit code; 0 after a detach; 128+n after a signal; 141 when the reader of stdout has closed it.
 */
export async function runExec(
  { engine, terminal, detachKeys }: Omit<SuperviseContext, "report" | "journal">,
  container: Pick<RunningContainer, "id" | "name" | "containerName">,
  { argv, env, unset = [], user, workdir, tty, stdin }: ExecSpec,
): Promise<number> {
  const left = Promise.withResolvers<number>();
  using _listening = terminal.onSignal((signal) => {
    if (FATAL_SIGNALS.has(signal)) left.resolve(exitCodeOf(signal));
  });
  const size = terminal.size();
  const creating = createExec(engine, container.id, {
    Cmd: argv,
    Env: [...envList(env), ...unset],
    ...(user && { User: user }),
    ...(workdir && { WorkingDir: workdir }),
    Tty: tty,
    AttachStdin: stdin,
    AttachStdout: true,
    AttachStderr: true,
    ...(tty && size && { ConsoleSize: [size.rows, size.columns] }),
  }).catch((error: unknown) => {
    throw toUserError(notRunning(container, error));
  });
  const id = await Promise.race([creating, left.promise]);
  if (typeof id === "number") return id;
  using connection = await startExec(engine, id, { tty }).catch((error: unknown) => {
    throw toUserError(error);
  });
  const filtered = filterRefusal(connection, tty);
  using stdio = attachStdio(
    terminal,
    { output: filtered.output, input: stdin ? connection : undefined, tty, detachKeys },
    {
      onHangup: () => left.resolve(exitCodeOf("SIGHUP")),
      onBroken: () => left.resolve(exitCodeOf("SIGPIPE")),
    },
  );
  stdio.detached.then(() => left.resolve(0));
  stdio.begin((size) => resizeExec(engine, id, size), engine.quirks.resizeRepeatsMs);
  const explain = (error: unknown): never => {
    throw isConnectionLoss(error) || isExitUnknown(error) ? execLost(container.name, error) : error;
  };
  const leaveCode = await Promise.race([stdio.output.then(() => undefined), left.promise]).catch(explain);
  stdio[Symbol.dispose]();
  if (stdio.broken && stdio.broken.error.code !== "EPIPE") throw outputFailed(stdio.broken, "is still running");
  if (leaveCode !== undefined) return leaveCode;
  const { code, isStarted } = await readExecExit(engine, id).catch(explain);
  if (filtered.refusal && NOT_STARTED.has(code)) throw toExecError(filtered.refusal.reason, argv[0]);
  if (!isStarted) throw execNeverStarted(container.name);
  if (filtered.refusal) terminal[filtered.refusal.channel].write(filtered.refusal.text);
  return code;
}

interface ExecExit {
  readonly code: number;
  /** False if the engine found the connection closed before it started the command. */
  readonly isStarted: boolean;
}

/**
 * Docker records the exit code before the stream ends; Podman may need a moment. If the command still runs, the stream
 * was cut, and an exit code would hide that output is missing.
 */
export async function readExecExit(engine: Transport, id: string): Promise<ExecExit> {
  const { missesExits, keepsExecPids } = engine.quirks;
  const maxPolls = missesExits ? MAX_EXIT_POLLS : 1;
  for (let poll = 0; poll < maxPolls; poll += 1) {
    if (poll > 0) await pause(EXIT_POLL_INTERVAL_MS);
    const { Running, ExitCode, Pid } = await inspectExec(engine, id);
    if (!Running && ExitCode !== null) {
      const isStarted = !(keepsExecPids && Pid === 0 && NOT_STARTED.has(ExitCode));
      return { code: ExitCode, isStarted };
    }
  }
  throw exitUnknown("the command continues without its output");
}
